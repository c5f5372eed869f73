"""Medical words that are written like names stay in English text; persons beside them do not."""

import pytest

from anonymize.detect.analyzer import find_all
from tests.accuracy.measure import Tally, percent
from tests.common.corpus.english_clinical import clinical

NAMES = {"PERSON", "LOCATION", "ORGANIZATION"}


def named(text):
    return [text[f.start : f.end] for f in find_all([text], language="en")[0] if f.type in NAMES]


@pytest.mark.parametrize(
    "text",
    [
        "Carcinoma is ER+, PR- and HER2 3+ by IHC, Ki-67 20 %.",
        "Continue Herceptin, Xeloda and Avastin; hold Lipitor.",
        "CISPLATIN AND ETOPOSIDE WITH ONDANSETRON",
        "He takes Trulozanib and Quelvany for nausea.",
        "Zelquora 40 mg twice daily was well tolerated.",
        "Gleason 4+3, Breslow 1.1 mm, Karnofsky 90.",
        "Reed-Sternberg cells, Hodgkin lymphoma, Barrett's esophagus.",
        "Positive Murphy's sign, Homans negative.",
        "Rinne and Weber normal.",
        "wilms tumor, ewing sarcoma, gleason score 7",
        "PAGET DISEASE OF THE NIPPLE, MERKEL CELLS SEEN",
        "Debakey forceps, Ann Arbor stage II, Deauville 3.",
        "Immunostains: TTF-1 and Napsin A positive.",
        "Colonoscopy: Paris 0-IIa, Boston bowel prep 8.",
        "Tokyo guidelines grade II cholangitis, Forrest Ib ulcer.",
        "Candida in urine, Helicobacter gastritis, Nocardia abscess.",
        "Kirschner wires out, Pavlik harness on the hip.",
        "PE: KERNIG NEG, MURPHY POS.",
        "Dix-Hallpike positive, Dandy-Walker malformation of the brain",
        "Quelbar harness, Zorvane crutches and a Mindel catheter.",
    ],
)
def test_a_medical_word_is_nobodys_name(text):
    assert named(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dr. Gleason reviewed the Gleason score.", "Gleason"),
        ("Herceptin was discussed with John Barrett today.", "John Barrett"),
        ("Patient: KAPOSI", "KAPOSI"),
        ("Kaposi, Mary has Kaposi sarcoma.", "Kaposi, Mary"),
        ("Mary Paget's disease has progressed.", "Mary Paget"),
        ("Caroline Hering is due for Prolia.", "Caroline Hering"),
        ("She is with Kowalczyk now.", "Kowalczyk"),
        ("He takes Giannrro to chemo weekly.", "Giannrro"),
        ("GRAVES, ANNA: thyroid biopsy, Graves disease", "GRAVES, ANNA"),
        ("Seen by Dr. Weber and nurse Rinne for Xeloda toxicity.", "Weber"),
        ("Nelson reports chest pain, ECG normal.", "Nelson"),
        ("Kowalczyk tests his glucose daily, diabetic.", "Kowalczyk"),
        ("Lindqvist fell at home, hip fracture.", "Lindqvist"),
        ("Gibson labs normal, blood pressure fine.", "Gibson"),
        ("Thompson, 61, diabetic, foot ulcer.", "Thompson"),
        ("Kowalczyk 54 y/o with breast cancer, stage II.", "Kowalczyk"),
        ("Discussed the biopsy with Edwards and Watson.", "Edwards"),
        ("Ommaya reservoir placed by Elea Kubiaczyk, methotrexate given.", "Elea Kubiaczyk"),
        ("Pumps shown to Aino Välimäki; sensor on the skin, says Michèle Vásquez.", "Aino Välimäki"),
        ("The defendant Antonella Angiolfio pleaded not guilty.", "Antonella Angiolfio"),
        ("Tumor board: Agnieszka Wilczynska presented Taxol data.", "Agnieszka Wilczynska"),
    ],
)
def test_a_person_beside_medical_words_is_found(text, name):
    assert any(name in found for found in named(text)), named(text)


def test_a_place_that_ends_like_a_disease_is_a_place():
    assert {"Oklahoma", "Bohemia"} <= set(named("She moved from Oklahoma to Bohemia."))


@pytest.mark.parametrize(("unseen", "most"), [(False, 3), (True, 1.5)])
def test_clinical_sentences_keep_their_words_and_hide_their_persons(unseen, most):
    made, count, wrong, of = list(clinical(2, 11, unseen=unseen)), Tally(), 0, 0
    for sentence, findings in zip(made, find_all([s.text for s in made], language="en"), strict=True):
        count.add(sentence.text, sentence.spans, [(f.start, f.end, f.type) for f in findings], {"PERSON"})
        masked = {at for f in findings for at in range(f.start, f.end)}
        wrong += sum(at in masked for start, end in sentence.kept for at in range(start, end))
        of += sum(end - start for start, end in sentence.kept)
    assert count.recall >= 96
    assert count.precision >= 85
    assert percent(wrong, of) <= most
