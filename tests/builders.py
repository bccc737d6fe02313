"""Ready-made inputs and pipelines for tests."""

from apache_beam.runners.portability import fn_api_runner
from apache_beam.testing import test_pipeline


def pipeline() -> test_pipeline.TestPipeline:
    """Makes a pipeline on the runner that the product embeds.

    `DirectRunner` would look for another runner on the network first.
    """
    return test_pipeline.TestPipeline(runner=fn_api_runner.FnApiRunner())
