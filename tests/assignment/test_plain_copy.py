"""The checker reads plain CSV; docs/explanation/certificates.md says how any other table becomes that."""

from __future__ import annotations

import pytest

from evenhand import MaxOverMean, assign
from evenhand.check import check
from evenhand.tables import read_table, write_json, write_table


def test_an_office_table_is_checked_by_its_plain_copy(tmp_path):
    """Semicolons, decimal commas, quotes, a name like a formula: refused, then proven."""
    office, plain = tmp_path / "office.csv", tmp_path / "plain.csv"
    office.write_text(';t1;"the ""old"" ward";=t3;t4\nAnn;1,5;2;3;4\nBob;2;3;4,25;5\n', "utf-8")
    answer = assign(read_table(office), MaxOverMean(1.3), certificate="tree")
    out, proof = tmp_path / "out.json", tmp_path / "proof.json.gz"
    write_json(out, answer.to_dict())
    answer.proof.write(proof)
    with pytest.raises(ValueError, match=r"\w"):
        check(str(office), str(out), str(proof))
    write_table(plain, read_table(office), protect=False)
    assert check(str(plain), str(out), str(proof))[0].startswith("proven")
