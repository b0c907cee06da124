"""Spellings of one name meet, different names stay apart, and a tie between two places is said, never broken.

One tolerance: two points within 3 km are taken for one place, as the coordinates of villages are rounded.
"""

import itertools
import unicodedata

import numpy as np
import pandas as pd
import pytest

from casualties.errors import InputError, UnknownNameError
from casualties.places import equivalents, folded_spellings, match_places, place_key, place_level, spellings
from casualties.study import load_study

# Each line: spellings of one name as reports, the press and providers write them.
ONE_NAME = [
    ("Idlib", "Idleb", "IDLIB", "Idlib Governorate", "Idlib city", "Governorate of Idlib", "idlib province"),
    ("Hama", "Hamah", "Hamma", "Ḥamāh", "Hama town"),
    ("Homs", "Hums", "Homs Governorate"),
    ("Tal Rifaat", "Tell Rifat", "Tall Rif'at", "Tall Rifaat town", "Tel Rif’at"),
    ("Maarat al-Numan", "Ma'arrat al-Nu'man", "Maarrat an-Numan", "Maarat al-Numaan town", "Maaret al Noman"),
    ("Jisr ash-Shughur", "Jisr al-Shughour", "Jisr Ash Shoghur", "Jisr el-Choughour"),
    ("Khan Shaykhun", "Khan Sheikhoun", "Khan Sheikhun", "Khān Shaykhūn"),
    ("Deir ez-Zor", "Deir ez Zour", "Dayr az-Zawr", "Deir al-Zor", "Deir el-Zour"),
    ("Raqqa", "Ar-Raqqah", "Al-Raqqa", "ar Raqqa", "Ar Raqqeh"),
    ("As-Suwayda", "Sweida", "Suweida", "As-Sweida", "Al-Suwayda"),
    ("Al-Hasakah", "Hasaka", "Hassakeh", "al-Hasakeh"),
    ("Saraqib", "Saraqeb", "Sarāqib"),
    ("Kafr Zita", "Kafr Zitah", "Kafar Zita", "Kafrzita"),
    ("Qalat al-Madiq", "Qal'at al-Madiq", "Qalaat al Madiq"),
    ("Salamiyah", "Salamiya", "Salamieh", "As-Salamiyah", "Salamiyyeh"),
    ("Ayn al-Arab", "Ain al-Arab", "Ein el Arab"),
    ("Az-Zabadani", "Zabadani", "Al-Zabadani"),
    ("Manbij", "Manbej", "Manbij city"),
    ("Tartus", "Tartous", "Tartoos", "Ṭarṭūs"),
    ("Duma", "Douma", "Dooma"),
    ("Sheikh Yousef", "Shaykh Yousif", "Cheikh Youssef"),
    ("إدلب", "ادلب", "محافظة إدلب", "إِدْلِب", unicodedata.normalize("NFD", "إدلب"), "إدلـــب"),
    ("حماة", "حماه", "مدينة حماة"),
    ("اللاذقية", "اللاذقيه", "ﺍﻟﻼﺫﻗﻴﺔ"),
    ("الرقة", "رقة", "الرقه"),
    ("تل أبيض", "تل ابيض", "ناحية تل أبيض"),
    ("رأس العين", "راس العين", unicodedata.normalize("NFD", "رأس العين")),
    ("قرية كفرنبل", "كفرنبل", "كفر نبل"),
    ("معرة النعمان", "معره النعمان", "مدينة معرة النعمان"),
    ("منطقة عفرين", "عفرين", "عفرین"),
]
# Each line: names that look alike and are not the same.
DIFFERENT = [
    ("Hama", "Homs"),
    ("Idlib", "Adlib"),
    ("Deir Hassan", "Deir Hafer"),
    ("Damascus", "Rural Damascus"),
    ("Kafr Nabl", "Kafr Nabudah"),
    ("Hamidi", "Hamidiyah"),
    ("Salma", "Salamiyah"),
    ("Suran", "Sarrin"),
    ("Kaltah", "Qaltah"),
    ("Wadiah", "Waziyah"),
    ("Tall Abyad", "Tall Aswad"),
    ("Tall 900", "Tall"),
    ("Saraqib", "Saraqib airbase"),
    ("Taftanaz", "Taftanaz Military Airbase"),
    ("Mulayhah al Gharbiyah", "Mulayhah al Sharqiyah"),
    ("Shamarikh", "Shamarin"),
    ("Jabal Antar", "Jabal al Mazar"),
    ("Road between Aleppo and Khanasir", "Aleppo"),
    ("Northern Aleppo Governorate", "Aleppo Governorate"),
    ("Western Ghouta", "Eastern Ghouta"),
    ("حمص", "حماة"),
    ("دير حسان", "دير حافر"),
    ("دمشق", "ريف دمشق"),
    ("الباب", "باب الهوى"),
    ("تل رفعت", "تل أبيض"),
]
# One place in two spellings that the key does not join: the price of joining nothing wrong.
NOT_JOINED = [
    ("Raqqa", "Rakka"),
    ("Tadmur", "Tadmur/Palmyra"),
    ("As-Suwayda", "Soueida"),
    ("Deir ez-Zor", "Deir Ezzor"),
    ("Kafr Nabl", "Kafranbel"),
    ("Kafr Zita", "Kafr Zayta"),
    ("Abu ad-Duhur", "Abu adh-Dhuhur"),
    ("Daraa", "Deraa"),
    ("Idlib", "إدلب"),
]
# A spelling that is not the provider's, the governorate, and the provider's name of the place ("" for: none there).
READ_BY_HAND = [
    ("Tell Rifat", "Aleppo", "Tall Rifaat town"),
    ("Tal Rif'at", "Aleppo", "Tall Rifaat town"),
    ("Ma'arrat al-Nu'man", "Idleb", "Maarat al-Numaan town"),
    ("Maaret al-Numan", "Idlib", "Maarat al-Numaan town"),
    ("Saraqeb", "Idlib", "Saraqib town"),
    ("Khan Sheikhoun", "Idlib", "Khan Shaykhun town"),
    ("Khan Shaykhoun", "Idlib", "Khan Shaykhun town"),
    ("Jisr al-Shughour", "Idlib", "Jisr ash Shughur town"),
    ("Sarmeen", "Idlib", "Sarmin town"),
    ("Salqeen", "Idlib", "Salqin town"),
    ("Taftanaz city", "Idlib", "Taftanaz town"),
    ("Kafr Nobol", "Idlib", "Kafr Nabl town"),
    ("Kafr Takharim", "Idlib", "Kafr Takharim town"),
    ("Maarrat Misrin", "Idlib", "Maarrat Misrin town"),
    ("Hass", "Idlib", ""),
    ("Ihsim", "Idlib", "Ihsim town"),
    ("al-Habit", "Idlib", "Al Habit town"),
    ("Hbit", "Idlib", "Al Habit town"),
    ("Talmanas", "Idlib", "Talmenes village"),
    ("Jarjanaz", "Idlib", "Jarjanaz town"),
    ("Sinjaar", "Idlib", "Sinjar village"),
    ("Sarmadaa", "Idlib", "Sarmada town"),
    ("Ad Dana", "Idlib", "Ad Dana town"),
    ("Al-Dana", "Idlib", "Ad Dana town"),
    ("Zardanah", "Idlib", "Zardana town"),
    ("Kafr Zitah", "Hama", "Kafr Zayta town"),
    ("Kafr Zita", "Hamah", "Kafr Zayta town"),
    ("al-Latamneh", "Hama", "Al Lataminah town"),
    ("Morik", "Hama", "Morek town"),
    ("Soran", "Hama", "Souran town"),
    ("Suran", "Aleppo", "Suran town"),
    ("Qalaat al-Madiq", "Hama", "Qalat al Madiq town"),
    ("Tal Salhab", "Hama", "Tall Salhab town"),
    ("Halfaya", "Hama", "Halfaya town"),
    ("Tayyibat al-Imam", "Hama", "Tayyibat al Imam town"),
    ("Salamieh", "Hama", "As Salamiyah town"),
    ("Shathah", "Hama", "Shathah town"),
    ("al-Suqaylabiyah", "Hama", "As Suqaylibiyah town"),
    ("Sheizar", "Hama", "Shayzar town"),
    ("Al Bab", "Aleppo", "Al Bab town"),
    ("El-Bab", "Aleppo", "Al Bab town"),
    ("Manbij", "Aleppo", "Manbij town"),
    ("Mare'", "Aleppo", "Marea town"),
    ("Anadan", "Aleppo", "Anadan town"),
    ("Khanaser", "Aleppo", "Khanasir town"),
    ("Azaz", "Aleppo", "Azaz town"),
    ("Jarablus", "Aleppo", "Jarabulus town"),
    ("As-Safira", "Aleppo", "As Safirah town"),
    ("Deir Hafer", "Aleppo", "Dayr Hafir town"),
    ("Sheikh Ali", "Aleppo", "Shaykh Ali village"),
    ("Tell Abiad", "Raqqa", "Tall Abyad town"),
    ("Tal Abyad", "Raqqa", "Tall Abyad town"),
    ("Suluk", "Raqqa", "Suluk town"),
    ("Al-Mayadeen", "Deir ez-Zor", "Al Mayadin town"),
    ("Hajeen", "Deir ez-Zor", "Hajin town"),
    ("al-Shuhayl", "Deir ez-Zor", "Shuhayl town"),
    ("Tell Tamer", "Al-Hasakah", "Tall Tamr town"),
    ("Tal Tamr", "Al-Hasakah", "Tall Tamr town"),
    ("Ras al-Ain", "Al-Hasakah", "Ras al Ayn town"),
    ("Qamishli", "Al-Hasakah", "Al Qamishli  town"),
    ("Douma", "Rif Dimashq", "Duma town"),
    ("Zamalka", "Rif Dimashq", "Zamalka town"),
    ("Yalda", "Rif Dimashq", "Yalda town"),
    ("Zakiya", "Rif Dimashq", "Zakiyah town"),
    ("Rastan", "Homs", "Ar Rastan  town"),
    ("Talbiseh", "Homs", "Tallbisah  town"),
    ("Tafs", "Daraa", "Tafas town"),
    ("Tasel", "Daraa", "Tasil town"),
    ("Saida", "Daraa", "Sayda town"),
    ("Umm Walad", "Daraa", "Umm Walad town"),
]


@pytest.fixture(scope="module")
def places(root) -> pd.DataFrame:
    """Give every place name of the bundled study in each governorate, with its coordinates."""
    raw = pd.read_csv(root / "data" / "idlib-2019" / "ged_syria.csv").dropna(subset=["where_coordinates", "adm_1"])
    grouped = raw.groupby(["where_coordinates", "adm_1"])
    table = grouped[["latitude", "longitude"]].median().reset_index()
    return table.rename(columns={"where_coordinates": "name", "adm_1": "area"})


@pytest.fixture(scope="module")
def merged(places) -> pd.DataFrame:
    """Give every pair of different names that one key joins and whose stated levels agree."""
    names = sorted(set(places["name"]))
    table = pd.DataFrame({"name": names, "key": map(place_key, names), "level": map(place_level, names)})
    pairs = [
        (one.name, other.name)
        for _, group in table.groupby("key")
        for one, other in itertools.combinations(group.itertuples(index=False), 2)
        if not one.level or not other.level or one.level == other.level
    ]
    return pd.DataFrame(pairs, columns=["name", "other"])


def distance(places: pd.DataFrame, name: str, other: str) -> float:
    """Give the smallest distance (km) between two named places that share a governorate, infinite where none do."""
    both = places[places["name"] == name].merge(places[places["name"] == other], on="area")
    if both.empty:
        return np.inf
    north = (both["latitude_x"] - both["latitude_y"]) * 111.2
    east = (both["longitude_x"] - both["longitude_y"]) * 111.2 * np.cos(np.radians(both["latitude_x"]))
    return float(np.hypot(north, east).min())


@pytest.mark.parametrize("names", ONE_NAME, ids=lambda names: names[0])
def test_spellings_of_one_name_share_a_key(names):
    assert {place_key(name) for name in names} == {place_key(names[0])}


def test_keys_of_the_names_differ_from_each_other():
    keys = [place_key(names[0]) for names in ONE_NAME]
    assert len(set(keys)) == len(keys) == 30
    assert sum(map(len, ONE_NAME)) >= 60


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_names_stay_apart(one, other):
    assert place_key(one) != place_key(other)


@pytest.mark.parametrize(("one", "other"), NOT_JOINED)
def test_what_the_key_does_not_join_is_known(one, other):
    assert place_key(one) != place_key(other)


@pytest.mark.parametrize("name", sorted({name for names in ONE_NAME for name in names}))
def test_a_key_does_not_depend_on_how_the_text_is_stored(name):
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert place_key(unicodedata.normalize(form, f"  {name} ")) == place_key(name)


@pytest.mark.parametrize("mark", "'`´ʹʻʼʾʿ‘’′")
def test_every_mark_for_ayn_and_hamza_is_left_out(mark):
    assert place_key(f"Ma{mark}arrat al-Nu{mark}man") == place_key("Maarat al-Numan")


@pytest.mark.parametrize("name", ["", " ", "-", "'", "\u200f"])
def test_a_name_without_letters_has_no_key_and_matches_nothing(name):
    assert place_key(name) == ""
    assert match_places([name], [name, "Idlib"]).loc[0, "how"] == "none"


def test_a_name_that_is_only_a_kind_of_place_keeps_it():
    assert place_key("Village") == "vilaga"
    assert place_key("قرية") == "قريه"


def test_levels_that_names_state():
    stated = ["Uqayribat sub-district", "Mintaqat Azaz district", "Hama city", "ناحية سراقب", "منطقة عفرين", "Hama"]
    levels = ["subdistrict", "district", "settlement", "subdistrict", "district", ""]
    assert [place_level(name) for name in stated] == levels


def test_joiners_and_direction_marks_inside_a_word_change_nothing():
    assert place_key("إد\u200cلب\u200f") == place_key("إدلب")
    assert place_key("تل ٩٠٠") == place_key("تل 900")


def test_a_governorate_is_not_its_town():
    known = ["Tartus Governorate", "Tartus town"]
    found = match_places(["Tartous city", "محافظة طرطوس", "Tartous"], known)
    assert found["how"].tolist() == ["key", "none", "tie"]
    assert found["match"].tolist() == ["Tartus town", "", ""]
    assert found.loc[2, "alternatives"] == ("Tartus Governorate", "Tartus town")


@pytest.mark.parametrize("names", [["Suran town", "Souran town"], ["Souran town", "Suran town"]])
def test_a_tie_does_not_depend_on_the_order_of_the_file(names):
    found = match_places(["Soran"], names)
    assert found.loc[0, ["match", "how"]].tolist() == ["", "tie"]
    assert found.loc[0, "alternatives"] == ("Souran town", "Suran town")


def test_the_same_characters_come_before_the_key_and_the_others_are_told():
    found = match_places(["Suran town"], ["Souran town", "Suran town"])
    assert found.loc[0, ["match", "how", "alternatives"]].tolist() == ["Suran town", "exact", ("Souran town",)]


def test_one_name_in_two_areas_is_a_tie_even_where_the_characters_are_the_same():
    known = pd.DataFrame({"name": ["Afrah village"] * 2, "area": ["Aleppo Governorate", "Homs Governorate"]})
    found = match_places(["Afrah village"] * 3, known, within=["", "Homs", "Hama"])
    assert found["how"].tolist() == ["tie", "exact", "none"]
    assert found.loc[0, "alternatives"] == (
        "Afrah village (Aleppo Governorate)",
        "Afrah village (Homs Governorate)",
    )


def test_two_spellings_of_one_place_are_no_tie():
    known = pd.DataFrame({"name": ["Idlib", "Idleb"], "place": ["Idlib", "Idlib"]})
    assert match_places(["IDLEEB"], known).loc[0, ["match", "how"]].tolist() == ["Idlib", "key"]


def test_missing_names_keep_their_row():
    found = match_places([None, np.nan, "Idleb"], ["Idlib"])
    assert found["name"].tolist() == ["", "", "Idleb"]
    assert found["how"].tolist() == ["none", "none", "key"]


def test_nothing_to_match():
    assert list(match_places([], ["Idlib"]).columns) == ["name", "match", "key", "how", "alternatives"]
    assert match_places(["Idlib"], []).loc[0, "how"] == "none"


def test_areas_must_be_given_for_each_name():
    with pytest.raises(InputError, match="there are 2 names and 1 areas"):
        match_places(["Idlib", "Hama"], ["Idlib"], within=["Idlib"])


def test_an_area_needs_candidates_with_areas():
    with pytest.raises(InputError, match="column 'area': the candidates lack the column"):
        match_places(["Idlib"], ["Idlib"], within="Idlib")


def test_spellings_read_by_hand_are_matched_rightly_or_not_at_all(places):
    names, areas, right = zip(*READ_BY_HAND, strict=True)
    found = match_places(names, places, within=areas)
    towns = places[~places["name"].map(place_level).isin(["governorate", "district", "subdistrict"])]
    among_towns = match_places(names, towns, within=areas)
    for table in (found, among_towns):
        wrong = [(one, match) for one, match in zip(right, table["match"], strict=True) if match not in (one, "")]
        assert not wrong
    # A bare name can be a town or its district; among towns alone the ties are gone and only the misses remain.
    assert found["how"].value_counts().to_dict() == {"key": 42, "tie": 15, "none": 13}
    assert among_towns["how"].value_counts().to_dict() == {"key": 57, "none": 13}
    missed = {name for name, how, one in zip(names, among_towns["how"], right, strict=True) if how == "none" and one}
    assert missed == {
        *("Hbit", "Jarablus", "Kafr Nobol", "Kafr Zita", "Kafr Zitah", "Mare'"),
        *("Tafs", "Talmanas", "Tell Abiad", "Tell Tamer", "al-Latamneh", "al-Suqaylabiyah"),
    }
    # Without the area, names that two towns bear are ties; still none is matched to a wrong one.
    anywhere = match_places(names, towns)
    assert set(anywhere.loc[anywhere["how"] == "tie", "name"]) == {"Soran", "Suran", "Ras al-Ain", "Douma", "Saida"}
    assert all(match in (one, "") for one, match in zip(right, anywhere["match"], strict=True))


def test_names_of_the_bundled_study_that_share_a_key(places, merged):
    names = set(places["name"])
    assert (len(names), len({place_key(name) for name in names}), len(merged)) == (1970, 1882, 57)


def test_an_equal_key_in_one_governorate_is_rare_and_within_decides(places, merged):
    near = {(row.name, row.other): distance(places, row.name, row.other) for row in merged.itertuples(index=False)}
    assert {pair for pair, km in near.items() if km < 3} == {("Al-Jia village", "Jiyah village")}
    assert {pair for pair, km in near.items() if 3 <= km < np.inf} == {
        ("Al Aziziyah village", "Aziziyah village"),
        ("Al Janna village", "Jana village"),
        ("Ayn al Bayda village", "Ayn al-Bayda village"),
        ("Jadida village", "Jadidah village"),
        ("Kafr Nasih town", "Kafr Nasih village"),
    }


def test_all_merges_read_by_eye(merged):
    # All 57 were read: in these three, two Arabic names (مضايا and مدايا, المريعية and معرية, كفراع and كفرة) are
    # likely to stand behind one Latin key; the others write one name, nearly always of two places far from each other.
    two_names = {
        ("Madaya town", "Madayah village"),
        ("Al Mariiyah village", "Maarriyah village"),
        ("Kafraa village", "Kafrah village"),
    }
    assert two_names <= set(zip(merged["name"], merged["other"], strict=True))


def test_every_name_of_the_provider_finds_itself(places):
    found = match_places(places["name"], places, within=places["area"])
    assert (found["how"] == "exact").all()
    assert found["match"].tolist() == places["name"].tolist()


def test_the_table_of_syria_holds_its_governorates_in_the_order_of_their_codes():
    table = equivalents("syria", level="governorate")
    assert table["pcode"].tolist() == [f"SY{number:02d}" for number in range(1, 15)]
    assert table["name"].is_unique
    assert (table["within"] == "Syria").all()
    assert (table[["arabic", "ucdp"]] != "").all(axis=None)


def test_districts_lie_in_a_governorate_and_carry_no_code():
    districts = equivalents("syria", level="district")
    assert set(districts["within"]) == set(equivalents("syria", level="governorate")["name"])
    assert not districts.duplicated(["name", "within"]).any()
    assert (districts["pcode"] == "").all()
    assert (districts["arabic"] != "").all()


def test_the_spellings_of_the_provider_are_those_of_its_file(root):
    raw = pd.read_csv(root / "data" / "idlib-2019" / "ged_syria.csv")
    table = equivalents("syria")
    governorates = table[table["level"] == "governorate"].set_index("name")["ucdp"]
    assert set(governorates) == set(raw["adm_1"].dropna())
    districts = table[(table["level"] == "district") & (table["ucdp"] != "")]
    listed = set(zip(districts["within"].map(governorates), districts["ucdp"], strict=True))
    assert listed == set(raw[["adm_1", "adm_2"]].dropna().itertuples(index=False, name=None))


@pytest.mark.parametrize("level", ["governorate", "district"])
def test_every_spelling_in_the_table_finds_its_place(level):
    known = spellings(equivalents("syria", level=level))
    found = match_places(known["name"], known)
    unclear = found[found["how"] == "tie"]
    assert found.loc[found["how"] != "tie", "match"].tolist() == known.loc[found["how"] != "tie", "place"].tolist()
    assert unclear.empty, unclear.to_string()


def test_a_governorate_and_its_district_of_one_name_are_a_tie():
    known = spellings(equivalents("syria"))
    assert match_places(["حلب", "Idleb", "محافظة ادلب"], known)["how"].tolist() == ["exact", "tie", "key"]
    assert match_places(["Idleb"], known, within="Idlib").loc[0, "match"] == "Idlib"


def test_unknown_countries_and_levels():
    with pytest.raises(UnknownNameError, match="did you mean 'syria'"):
        equivalents("Syrie")
    with pytest.raises(UnknownNameError, match="did you mean 'district'"):
        equivalents("syria", level="districts")


class TestFoldedSpellings:
    """Names that may be one place are shown with what hangs on them; nothing is renamed."""

    def table(self, rows) -> pd.DataFrame:
        return pd.DataFrame(rows, columns=["adm1", "adm2", "place", "best"])

    def test_within_an_area_and_by_column(self):
        found = folded_spellings(
            self.table(
                [
                    ("Idlib", "", "Saraqib town", 3),
                    ("Idleb", "", "Saraqeb", 4),
                    ("Idlib", "", "Saraqeb", 1),
                    ("Hama", "", "Kafr Zita", 5),
                    ("Homs", "", "Kafr Zitah", 6),
                ]
            )
        )
        assert found[["column", "area", "name", "events", "deaths"]].to_numpy().tolist() == [
            ["adm1", "", "Idlib", 2, 4],
            ["adm1", "", "Idleb", 1, 4],
            # The two spellings of the governorate are one area; Kafr Zita of Hama and of Homs are two places.
            ["place", "Idleb", "Saraqeb", 1, 4],
            ["place", "Idlib", "Saraqeb", 1, 1],
            ["place", "Idlib", "Saraqib town", 1, 3],
        ]

    def test_stated_levels_keep_names_apart(self):
        names = [("Idlib", "", name, 1) for name in ("Idlib town", "Idlib district", "Idleb district", "Idlib")]
        found = folded_spellings(self.table(names))
        assert found["name"].tolist() == ["Idleb district", "Idlib district"]

    def test_arabic_spellings_fold(self):
        found = folded_spellings(pd.DataFrame({"adm1": ["حماة", "حماه", "محافظة حماه", "حمص", None, ""]}))
        assert found["name"].tolist() == ["حماة", "حماه", "محافظة حماه"]
        assert found["deaths"].isna().all()

    def test_one_spelling_stored_in_two_ways_is_one(self):
        composed = unicodedata.normalize("NFC", "Ḥamāh")
        names = pd.DataFrame({"adm1": [composed, unicodedata.normalize("NFD", composed)]})
        assert folded_spellings(names).empty

    def test_nothing_to_look_at(self):
        found = folded_spellings(pd.DataFrame({"best": [1]}))
        assert list(found) == ["column", "area", "key", "name", "events", "deaths"]
        assert found.empty

    def test_a_column_that_is_named_must_be_there(self):
        table = pd.DataFrame({"adm1": ["Idlib", "Idleb"], "town": ["Saraqib", "Saraqeb"]})
        with pytest.raises(UnknownNameError, match="columns='foo' is not known"):
            folded_spellings(table, columns=["foo"])
        with pytest.raises(UnknownNameError, match="did you mean 'adm1'"):
            folded_spellings(table, columns=["town", "adm"])
        assert folded_spellings(table, columns=["town"])["name"].tolist() == ["Saraqeb", "Saraqib"]
        pd.testing.assert_frame_equal(folded_spellings(table, "town"), folded_spellings(table, ["town", "town"]))

    def test_the_order_of_rows_does_not_matter(self):
        table = load_study("idlib-2019").sources["ucdp"].accepted
        found = folded_spellings(table)
        pd.testing.assert_frame_equal(found, folded_spellings(table.iloc[::-1]))
        # Six pairs of spellings of villages and towns, none of governorates or districts.
        assert len(found) == 12
        assert set(found["column"]) == {"place"}
        assert {"Aziziyah village", "Al Aziziyah village"} <= set(found["name"])
