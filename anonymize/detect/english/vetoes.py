"""What makes a capitalised English word a disease, a drug, a test or a dose rather than a person."""

import re

AFTER = re.compile(
    r"(?:['’]s)?[ \-](?:disease|syndrome|lymphoma|sarcoma|tumou?r|carcinoma|cell|cells|procedure|operation|catheter|"
    r"score|grade|grading|stage|staging|level|depth|index|scale|test|stain|smear|sign|esophagus|oesophagus|node|nodule|classification|criteria|"
    r"hernia|fracture|palsy|reaction|virus|infection|bacilli|method|protocol|regimen|phenomenon|thyroiditis|anemia|"
    r"chorea|contracture|ulcer|ulcers|bodies|rays?|position|maneuver|maneuvre|pouch|stent|prosthesis|prostatectomy)(?![A-Za-z])"
    r"|\s?\d+(?:\.\d+)?\s?(?:mg|mcg|µg|ug|g|ml|mL|units?|IU|%|cGy|Gy)(?![A-Za-z])|[ ]?\d\+\d|-?\d+(?![\d:])(?=\s?%)",
    re.IGNORECASE,
)
"""What follows a name only where it names a disease, a test or a drug (Hodgkin lymphoma, Herceptin 440 mg)."""

DRUG = re.compile(
    r"^[a-z]{4,}(?:mab|nib|cillin|statin|pril|sartan|olol|azole|oxacin|mycin|platin|taxel|rubicin|ciclib|parib|dronate|dronic|oxifen|trozole|"
    r"citabine|gliptin|gliflozin|glutide|setron|prazole|tidine|caine|zepam|zolam|barbital|profen|coxib|steride|relin|mustine|"
    r"trexate|poside|tecan|cycline|vir|virine|vudine|floxacin|dipine|thiazide|semide|lukast|sone|solone|nidazole|conazole|"
    r"fungin|penem|bactam|xaban|gatran|parin|grel|fibrate|formin|azepam|triptan|lafaxine|oxetine|itis|oma|emia|osis|ectomy|"
    r"ostomy|otomy|scopy|graphy|pathy|plasia|trophy|megaly|algia|uria|penia|cytic|blastic)$",
    re.IGNORECASE,
)
"""Endings of international non-proprietary names (stems by WHO, "The use of stems", 2018) and of medical words."""
