import subprocess
import sys

_WATCH = """
import sys
def hook(event, arguments):
    if event in ("os.fork", "subprocess.Popen", "socket.connect"):
        print(event, flush=True)
sys.addaudithook(hook)
import pipelines.inference
import numpy as np
import openvino
from openvino import opset15 as ops
parameter = ops.parameter([1], np.float32)
model = openvino.Model([ops.relu(parameter)], [parameter])
openvino.Core().compile_model(model, "CPU")([np.ones(1, np.float32)])
print("done")
"""


def test_loading_a_model_calls_nobody():
    watched = subprocess.run(
        [sys.executable, "-c", _WATCH], capture_output=True, text=True, check=True
    )
    assert watched.stdout.split() == ["done"]
