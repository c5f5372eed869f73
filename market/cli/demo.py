"""The main job, shown."""

from pathlib import Path

import click

from market.cli.common import json_option, show


@click.command()
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Do it in this new folder and keep it.")
@json_option
def demo(keep: Path | None, as_json: bool) -> None:
    """Take three real datasets from raw table to catalogue, and one on to licensed, metered, recalled and proved.

    Tumour records, police stops and a million imaging series are real; identities are invented. Each step is a command
    you could type. It ends by itself.

    \b
    Example: sluice demo --keep demo/
    """
    import tempfile

    from market.demo.story import tell

    if keep is not None:
        keep.mkdir(parents=True)
        summary = tell(keep)
    else:
        with tempfile.TemporaryDirectory(prefix="sluice-demo-") as folder:
            summary = tell(Path(folder))
    show(summary, "\n".join(f"{name:32} {value}" for name, value in summary.items()), as_json=as_json)
