"""Who plays: a city, a district and three departments, what each may release, and the people with their keys."""

from dataclasses import dataclass

from market.demo.exhibits import EXHIBITS
from market.demo.stage import Stage

DEPARTMENTS = {
    "registry": ("示范市肿瘤登记中心", "Example City Tumour Registry"),
    "streets": ("示范市示范区城市管理局", "Example District Urban Administration"),
    "imaging": ("示范市医学影像云中心", "Example City Imaging Cloud"),
}
IN_THE_DISTRICT = ("streets",)
PROFILES = ("enclave", "controlled", "open")


@dataclass(frozen=True, slots=True)
class Cast:
    """Identifiers and public keys that the story needs."""

    firm: str
    log_key: str
    public_keys: dict[str, str]


def enter(stage: Stage) -> Cast:
    """Make the home and enter everybody."""
    home = stage.run("init", "--key", str(stage.key("administrator")))
    city = _publisher(stage, "示范市", "Example City", "--kind", "city")
    district = _publisher(stage, "示范区", "Example District", "--kind", "district", "--parent", city)
    departments = {
        name: _publisher(stage, zh, en, "--parent", district if name in IN_THE_DISTRICT else city)
        for name, (zh, en) in DEPARTMENTS.items()
    }
    profiles = tuple(word for profile in PROFILES for word in ("--profile", profile))
    for exhibit in EXHIBITS:
        granted = ("publisher", "mandate", departments[exhibit.steward], "--theme", exhibit.theme)
        stage.run(*granted, *profiles, by="administrator")
    firm = stage.run("firm", "add", "Example AI", by="administrator")["firm"]
    public = {name: _member(stage, name, "steward", departments[name]) for name in DEPARTMENTS}
    public["approver"] = _member(stage, "approver", "approver", city)
    public["licensee"] = _member(stage, "licensee", "licensee", firm)
    public["auditor"] = _member(stage, "auditor", "auditor", None)
    stage.run("ledger", "credit", firm, "100000", by="administrator")
    _voucher(stage, firm)
    return Cast(firm, home["log_key"], public)


def _voucher(stage: Stage, firm: str) -> None:
    """Let the city pay a share of the firm's bills: 20 %, up to a million yuan a year."""
    named = ("--zh", "示范市数据券", "--en", "Example City data vouchers")
    lasting = ("--from", "2020-01-01", "--to", "2100-01-01")
    programme = str(stage.run("programme", "open", *named, *lasting, by="administrator")["programme"])
    stage.run("programme", "fund", programme, "100000", by="administrator")
    stage.run("programme", "admit", programme, firm, by="administrator")


def _publisher(stage: Stage, zh: str, en: str, *words: str) -> str:
    return str(stage.run("publisher", "add", "--zh", zh, "--en", en, *words, by="administrator")["publisher"])


def _member(stage: Stage, name: str, role: str, organisation: str | None) -> str:
    """Draw somebody's key and enter them; gives the public half."""
    public = str(stage.run("member", "key", str(stage.key(name)))["public"])
    acts_for = () if organisation is None else ("--organisation", organisation)
    stage.run("member", "add", "--name", name, "--role", role, "--public", public, *acts_for, by="administrator")
    return public
