"""Signs of clinical English, and what is said there of tests and devices, seldom of persons."""

import re
from collections.abc import Iterable

from anonymize.detect.english.words import Words

_SIGNS_TEXT = (
    "flap plexus cautery oozing taper duct molars burn icu breaths scope abdomen abdominal abscess absent abnormal "
    "acute adenoma adenopathy airway allele amputation anastomosis anemia anesthesia aneurysm angina antibiotics "
    "antibody antigen aorta aortic aphasia apnea appendix arterial artery aspirate aspirated asthma atrial avid "
    "axilla axillary bacteria balloon bedside benign biliary bilateral bladder bleeding blood bolus bone bowel "
    "bradycardia breast bronchial calcification calcium capsule cardiac carotid cartilage cath cavity cervical cervix "
    "clamp clots cognitive colon colonic colonoscopy coma congenital consult coronary cough cramps creatinine culture "
    "cultures cyst cystic cytology deficits dialysis diabetes diabetic diarrhea diastolic discharge distal dorsal "
    "ductal edema effusion embolism endoscopic endoscopy epidural erosions esophageal esophagus excision exon exudate "
    "fecal femoral femur fetal fever fibrosis fissure fistula fluid follicular foramen fracture fractures frontal "
    "gait gallbladder ganglion gastric gene genetics gestational gland glands glucose graft grafts gut heartburn "
    "hematoma hemoglobin hemorrhage hepatic hernia hip histology ileum imaging immunostains implant incision infarct "
    "infection inflammation inhaler injection inpatient insulin intestinal intravenous intubated ischemia itching "
    "jaundice joint kidney knee lab labs laparoscopic larynx lens lesions leukemia ligament liver lobe lumbar lumen "
    "lung lungs lymph lymphadenopathy malignancy malignant mammogram mandible marrow medial melanoma membrane "
    "meningeal metastatic migraine mitral mitoses mucosa murmur muscle mutation myeloid necrosis neck neoplasm "
    "nephrology nerve neurologic neurology neuroma neuropathy neutrophils nodes nodular nodules occlusion ocular "
    "oncology operative oral orbital ostomy ovarian ovary oxygen pacemaker pain palpable palsy pancreas pancreatic "
    "panel pathology patient pelvic pelvis perforation peritoneal phlebitis pituitary plaque plaques plasma platelets "
    "pleural pneumonia polyp polyps postop preop prognosis prostate pulmonary pulse pupil pupils radiology rash "
    "rectal rectum recurrence reflux regurgitation renal resected resection respiratory retina retinal rhythm scan "
    "scans scar sclerosis seizure sepsis septal serum shunt sinus skin sphincter spine spinal spleen splint sputum "
    "squamous staging stenosis stent sternal steroid stoma stomach stool stroke supine suture sutures swab swelling "
    "syndrome systolic tachycardia tendon tenderness tender therapy thoracic thorax throat thrombosis thyroid tissue "
    "tonsil topical toxicity trachea traction transfusion transplant trauma tremor triad ulcer ulcers ultrasound "
    "ureter urinary urine urology uterine uterus vaccine vaccines valve valves vascular vein veins ventral ventricle "
    "ventricular vertebra vertigo viral visual vomiting wound wounds wraps xray titers titer sent grid stains stain "
    "wires crutches catheter flushed weaned sliding nightly igg igm ekg ecg mri ct cbc bmp dystrophy limbal folds "
    "layer reflexes newborn karyotype habitus kyphosis vasculitis rub squeeze thumb debrided stone stones criteria "
    "focus mass web gums paresis dose pills tablets contraceptive cesarean vertex cast trapeze maneuvers swallow "
    "liquids duplex nebs discharged infused tapped meals shots cream receptor sensor pump pumps scabies bulb vessel "
    "undetectable motor scale score scores completed weekly surgery cancer tumor tumour dosage chronic margin margins "
    "allergy allergies exam pmh psh fhx shx hpi ros gtt stitch drops solution boot block needle patch monitoring "
    "counts ordered device devices idc dcis lcis neg pos bx hx rx tx dx sx pe "
)
_SIGNS = frozenset(_SIGNS_TEXT.split())
"""Words of clinical notes that other texts seldom have together."""
ENOUGH = 1
_THINGS_TEXT = (
    "karyotype squeeze shift circle web stem cup kyphosis thumb gums aphasia abscess anastomosis antibody antigen bag "
    "balloon band bandage bands bodies boot boots bougie brace brush cannula canula catheter cement clamp collar cone "
    "corpuscles cord cream criteria crutch crutches cyst device devices disease drain drops duct ducts dystrophy "
    "endoprosthesis erosions fibers fissure flap folds forceps foramen frame gastritis gel gland glands graft grid "
    "grids guide hardness harness heel hump implant incision inhaler islets kit lamp layer lenses ligament lotion "
    "maneuver maneuvers membrane mesh molars murmur nails needle neuroma node nodes ointment osteotomies osteotomy "
    "palsy patch patches pacemaker pen pin pins plaque plaques plates plexus points pouch powder procedure prosthesis "
    "protocol pump pumps pupil pupils reflex reflexes reservoir retractor ring rings rod rods rub scope screw screws "
    "sensor shots sign sling splint spots spray stain stains stent stents stimulator stitch sulcus suture sutures "
    "syndrome tape tear teeth test titer titers traction triad triangle tube tumor ulcer vaccine valve walker wires "
    "wrap wraps zones "
)
_THINGS = frozenset(_THINGS_TEXT.split())
"""What an eponym, a brand or a device stands before, and a person hardly ever."""
_LATIN = ("us", "um", "is", "ii", "ae", "ans", "ens", "li")
_NEXT = re.compile(r"[ ](?P<w>[a-z]{3,})(?![\w'’-])")
_DONE = re.compile(r"[ ](?P<w>[a-z]{3,}s) (?P<n>[a-z]+)")
_HOW = frozenset(("daily", "nightly", "weekly", "twice", "well", "better", "worse", "poorly", "home", "pain", "fever"))
_WHOSE = frozenset(("his", "her", "their", "the", "a", "an"))
_BY = re.compile(
    r"(?<![A-Za-z])(?:by|per|told|asked|saw|patient|pt|mother|father|wife|husband|son|daughter|sister|"
    r"brother|named?|called)[ :]{1,2}$",
    re.IGNORECASE,
)
_OF_TEST = re.compile(
    r"[ ](?:neg(?:ative)?|pos(?:itive)?|absent|equivocal|elevated|borderline)(?=[ ]?[.,;:)]|$| and )|"
    r"[ ](?:low|high|daily|nightly|weekly|monthly|bid|tid|qid|qhs|prn|twice daily|at bedtime)(?=[ ]?[.,;:)]|$)|"
    r"[ ]in (?:urine|blood|sputum|stool|csf|culture|tissue)(?![a-z])|[ ]Ig[AGM]|"
    r"[ ](?:grade |class |type |stage |category |pattern |level )?"
    r"(?:[IVX]{1,4}[A-Da-d]?|-?\d{1,3}[./+]\d{1,3}|-\d{1,3})"
    r"(?=[ ]?(?:[.,;)%]|$)| (?:by|of|on|at)\b)",
    re.IGNORECASE,
)
_OF_DEVICE = re.compile(
    r"[ ](?:undetectable|with meals|in place|in situ|removed|placed|running|weaned|avid|used|inserted|changed|"
    r"patent|focal|avoided|debrided|clipped|not (?:used|done|needed)|by tube|"
    r"at bedside|at \d+ cm|if tolerated)(?=[ ]?[.,;:)]|$)",
    re.IGNORECASE,
)


def signs(lows: Iterable[str]) -> bool:
    """Say whether words in small letters are enough signs of a clinical note."""
    return len(_SIGNS.intersection(lows)) >= ENOUGH


def is_led(text: str, start: int) -> bool:
    """Say whether a word stands before *start* that leads to a person."""
    return _BY.search(text, max(0, start - 12), start) is not None


def is_of_thing(text: str, start: int, end: int, known: Words, *, unknown: bool, eponym: bool) -> bool:
    """Say whether what follows the capitalised word at *start* in a clinical note is said of a thing.

    Of a test: a result or a value; of a device, which is in no list of words (*unknown*): where it is; of an *eponym*:
    the thing it names.
    """
    if is_led(text, start) or acts(text, end, known):
        return False
    if _OF_TEST.match(text, end) or (unknown and _OF_DEVICE.match(text, end)):
        return True
    after = _NEXT.match(text, end)
    species = after is not None and eponym and not known.is_ordinary(after["w"]) and after["w"].endswith(_LATIN)
    return species or names_thing(text, end)


def names_thing(text: str, end: int) -> bool:
    """Say whether the word that ends at *end* stands before a thing that is called by names."""
    after = _NEXT.match(text, end)
    return after is not None and after["w"] in _THINGS


def acts(text: str, end: int, known: Words) -> bool:
    """Say whether what follows *end* is what somebody does: tests his glucose, exercises twice a week."""
    done = _DONE.match(text, end)
    if done is None or not any(verb in known.common for verb in (done["w"][:-1], done["w"][:-2], done["w"][:-3] + "y")):
        return False
    if done["w"] in _THINGS:
        return done["n"] in _WHOSE
    return done["n"] in known.small or done["n"] in _HOW or done["n"].endswith("ly")
