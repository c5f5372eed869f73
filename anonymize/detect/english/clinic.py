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
_SAID_TEXT = (
    "family families brothers sisters household estate residence report case file account house says reports notes "
    "states complains calls asks needs wants takes likes feels plans walks sleeps eats drinks works lives smokes "
    "talks speaks visits returns claims hopes looks sounds moves drives home today tomorrow daily here there back "
    "thanks agrees denies declines refuses requests prefers remains continues presents attends arrives leaves stays "
    "understands consents signs gets has had is was are were got went goes came comes will can may must van von der "
    "den de da di del la le bin al dos ten ter shows holds keeps kidney liver breast lung heart chest leg arm hip "
    "knee shoulder ankle brain skin bladder colon prostate pain fever cough "
)
_SAID = frozenset(_SAID_TEXT.split())
"""What stands after or in somebody's name, though a dictionary has it among the nouns; no eponym is of an organ."""
_NEXT = re.compile(r"[ ](?P<w>[a-z]{3,})(?![\w'’-])")
_BY = re.compile(
    r"(?<![A-Za-z])(?:by|per|told|asked|saw|patient|pt|mother|father|wife|husband|son|daughter|sister|"
    r"brother|named?|called)[ :]{1,2}$",
    re.IGNORECASE,
)
_OF_TEST = re.compile(
    r"[ ](?:neg(?:ative)?|pos(?:itive)?|absent|present|equivocal|elevated|low|high|borderline)(?=[ ]?[.,;:)]|$| and )|"
    r"[ ](?:daily|nightly|weekly|monthly|bid|tid|qid|qhs|prn|twice daily|at bedtime)(?=[ ]?[.,;:)]|$)|"
    r"[ ]in (?:urine|blood|sputum|stool|csf|culture|tissue)(?![a-z])|[ ]Ig[AGM]|"
    r"[ ](?:grade |class |type |stage |category |pattern |level )?-?"
    r"(?:[IVX]{1,4}[A-Da-d]?|\d{1,3}(?:[./+]\d{1,3})?[A-Da-d]?)"
    r"(?=[ ]?(?:[.,;)%]|$)| (?:by|of|on|at|weeks|mm|cm|ml|fr|lb)\b)",
    re.IGNORECASE,
)
_OF_DEVICE = re.compile(
    r"[ ](?:denied|later|likely|undetectable|with meals|done|out|off|on|in place|in situ|removed|placed|running|weaned|"
    r"sent|avid|next|met|held|due|used|pending|ready|inserted|changed|clear|focal|normal|moderate|mild|severe|intact|patent|"
    r"avoided|heard|excluded|considered|doubted|debrided|clipped|not (?:[a-z]+ed|done|seen)|by tube|at bedside|"
    r"at \d+ cm|if tolerated)(?=[ ]?[.,;:)]|$| (?:at|to|by|in|on|for)(?![a-z]))",
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

    Of a test: a result or a value; of a device: where it is; of an eponym: the noun it names. A word that is in no list
    (*unknown*) is taken for a thing more easily than a name, and so is an *eponym* before a word of clinical notes.
    """
    if is_led(text, start):
        return False
    if _OF_TEST.match(text, end) or (unknown and _OF_DEVICE.match(text, end)):
        return True
    after = _NEXT.match(text, end)
    if names_thing(text, end, known):
        return True
    if after is None or _is_said(after["w"]):
        return False
    return (eponym and after["w"] in _SIGNS) or ((unknown or eponym) and not known.is_ordinary(after["w"]))


def names_thing(text: str, end: int, known: Words) -> bool:
    """Say whether the word that ends at *end* names the thing whose noun comes next."""
    after = _NEXT.match(text, end)
    if after is None or after["w"] in known.small or _is_said(after["w"]):
        return False
    return known.is_noun(after["w"])


def _is_said(low: str) -> bool:
    """Say whether a word in small letters is what persons do."""
    return low in _SAID or low.endswith(("ed", "ing"))
