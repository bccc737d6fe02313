import pytest

from pipelines.inference import bundle
from pipelines.transforms import predict_ages


def test_a_worker_with_another_bundle_is_refused():
    loads = predict_ages.AgeModelHandler(
        bundle_place=None,
        bundle_sha256="of another",
        engine="openvino",
        temperature=1.0,
        batch_size=16,
    )
    with pytest.raises(bundle.BundleError, match="not the bundle that the run"):
        loads.load_model()
