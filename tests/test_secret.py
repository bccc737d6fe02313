import pytest

from pipelines import config, secret

_KEYS = ("of the launcher!", "of some worker..")


@pytest.mark.parametrize("key", [_KEYS[1], ""])
def test_a_worker_with_another_secret_is_refused(monkeypatch, key):
    monkeypatch.setenv(secret.VARIABLE, _KEYS[0])
    load = secret.loader(config.Secrecy())
    assert load() == secret.load(config.Secrecy())

    monkeypatch.setenv(secret.VARIABLE, key)
    with pytest.raises(secret.SecretError, match="pseudonym key"):
        load()


def test_no_secret_is_asked_for_where_none_is_needed(monkeypatch):
    monkeypatch.delenv(secret.VARIABLE, raising=False)
    assert secret.loader(config.Secrecy(cashier_ids="omit"))() is None
