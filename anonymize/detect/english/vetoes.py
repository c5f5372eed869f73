"""What stands after a capitalised English word that is no person: the model's persons are judged by it alone."""

import re

AFTER = re.compile(
    r"(?:['’]s)?[ \-](?:disease|syndrome|lymphoma|sarcoma|tumou?r|carcinoma|cells?|procedure|operation|catheter|score|"
    r"grade|grading|stage|staging|level|depth|index|scale|test|stain|smear|sign|o?esophagus|node|nodule|classification|"
    r"criteria|hernia|fracture|palsy|reaction|virus|infection|bacilli|method|protocol|regimen|phenomenon|thyroiditis|anemia|"
    r"chorea|contracture|ulcers?|bodies|rays?|position|maneuver|maneuvre|pouch|stent|prosthesis|prostatectomy)(?![A-Za-z])"
    r"|\s?\d+(?:\.\d+)?\s?(?:mg|mcg|µg|ug|g|ml|units?|IU|%|cGy|Gy)(?![A-Za-z])|[ ]?\d\+\d|-?\d+(?![\d:])(?=\s?%)",
    re.IGNORECASE,
)
"""What follows a name only where it names a disease, a test or a drug (Hodgkin lymphoma, Herceptin 440 mg)."""
