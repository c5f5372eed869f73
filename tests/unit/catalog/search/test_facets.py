"""Facets choose, and their counts add up."""


def counts(found, facet):
    return {each.value: each.datasets for each in found.facets[facet]}


def test_each_dataset_counts_once_in_each_facet_of_single_values(shelf):
    for words in ("", "cancer", "登记", "zebra", "Example City"):
        found = shelf.search(words)
        for facet in ("theme", "level", "rhythm"):
            assert sum(counts(found, facet).values()) == found.total
        tops = [each for each in found.facets["publisher"] if each.above is None]
        assert sum(each.datasets for each in tops) == found.total


def test_a_publisher_counts_all_that_lies_below_it(shelf):
    assert counts(shelf.search(), "publisher") == {"city": 3, "health": 2, "district": 1, "roads": 1}
    assert {each.value: each.above for each in shelf.search().facets["publisher"]}["roads"] == "district"


def test_a_publisher_is_chosen_with_all_below_it(shelf):
    assert shelf.ids(publisher=("district",)) == ["urban.roads"]
    assert len(shelf.ids(publisher=("city",))) == 3
    assert len(shelf.ids(publisher=("roads", "health"))) == 3


def test_places_open_one_level_at_a_time(shelf):
    assert counts(shelf.search(), "spatial") == {"50": 3}
    assert counts(shelf.search(spatial=("50",)), "spatial") == {"50": 3, "5001": 2}
    assert counts(shelf.search(spatial=("5001",)), "spatial") == {"50": 2, "5001": 2, "500103": 1}
    assert shelf.ids(spatial=("500103",)) == ["tumor.lung"]
    assert set(shelf.ids(spatial=("500100",))) == {"tumor.lung", "urban.roads"}
    names = {each.value: (each.zh, each.above) for each in shelf.search(spatial=("5001",)).facets["spatial"]}
    assert names["500103"] == ("渝中区", "5001")


def test_a_place_without_a_code_is_itself_alone(shelf):
    shelf.enter("bay", title_en="Tides", spatial="The Bay")
    assert shelf.ids(spatial=("the bay",)) == ["bay"]
    assert counts(shelf.search("tides"), "spatial") == {"the bay": 1}


def test_a_profile_counts_every_dataset_with_an_edition_of_it(shelf):
    assert counts(shelf.search(), "profile") == {"controlled": 2, "open": 1, "enclave": 1}
    assert shelf.ids(profile=("enclave",)) == ["tumor.lung"]


def test_years_count_what_covers_them_and_what_goes_on_reaches_today(shelf):
    years = counts(shelf.search(), "year")
    assert years == {**{str(year): 1 for year in range(2010, 2027)}, "2018": 2, "2019": 2, "2020": 2}
    assert shelf.ids(year=(2011,)) == ["tumor.breast"]
    assert set(shelf.ids(year=(2018,))) == {"tumor.breast", "tumor.lung"}
    assert shelf.ids(year=(2009,)) == []


def test_facets_narrow_each_other_and_the_words(shelf):
    assert shelf.ids("cancer", theme=("urban",)) == ["urban.roads"]
    assert shelf.ids(theme=("urban", "health"), level=("important",)) == ["urban.roads"]
    assert shelf.ids(theme=("urban",), rhythm=("irregular",)) == []
    assert counts(shelf.search("cancer", theme=("health",)), "theme") == {"health": 2}


def test_counting_agrees_with_filtering(shelf):
    """Choosing a value finds as many as it was counted to have."""
    for facet, counted in shelf.search().facets.items():
        for each in counted:
            value = int(each.value) if facet == "year" else each.value
            assert shelf.search(**{facet: (value,)}).total == each.datasets, (facet, each.value)


def test_an_unknown_value_finds_nothing(shelf):
    for facet in ("theme", "publisher", "spatial", "profile", "level", "rhythm"):
        assert shelf.search(**{facet: ("nowhere",)}).total == 0
