import pytest

from pipelines import config, secret

_KEY = b"0123456789abcdef0123456789abcdef"


def test_a_key_is_read_from_a_bucket(bucket, tmp_path):
    (tmp_path / "key").write_bytes(_KEY)
    bucket.blob("keys/tillage").upload_from_string(_KEY + b"\n")

    local = secret.load(config.Secrecy(key_file=str(tmp_path / "key")))
    remote = secret.load(config.Secrecy(key_file=f"gs://{bucket.name}/keys/tillage"))

    assert remote.cashier("1", "C1") == local.cashier("1", "C1")


def test_a_key_that_is_not_there_is_named(bucket):
    place = f"gs://{bucket.name}/keys/none"
    with pytest.raises(secret.SecretError, match=f"{place} cannot be read: No such"):
        secret.load(config.Secrecy(key_file=place))
