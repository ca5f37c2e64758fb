"""The picture in the app's README is the table's."""

from pathlib import Path

import pytest

from tests.disclosures.models.diagram import diagram

pytestmark = pytest.mark.one_engine("it compares a picture with a table of the code")

README = Path(__file__).parents[3] / "disclosures" / "README.md"


def test_the_picture_in_the_readme_is_drawn_from_the_table_of_moves() -> None:
    assert diagram() in README.read_text()
    assert "proposed --> approved: approve" in diagram()
