"""Settings that all services share."""

from pathlib import Path

import pytest

from services.common.settings import ServiceSettings


def test_without_an_authority_nats_is_spoken_to_plainly() -> None:
    assert ServiceSettings().nats_tls() is None


@pytest.mark.parametrize("content", [None, "", "no certificate"], ids=["not there", "empty", "of no use"])
def test_an_authority_that_cannot_be_read_is_named_by_its_setting(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.crt"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ValueError, match="NATS_CA_FILE"):
        ServiceSettings(nats_ca_file=path).nats_tls()
