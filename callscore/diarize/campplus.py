"""Turn the published CAM++ weights (a PyTorch state dict) into an ONNX file that runs without PyTorch.

The network is that of "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware Masking" (Wang et al.,
Interspeech 2023) in the layout of the 3D-Speaker toolkit (github.com/modelscope/3D-Speaker, speakerlab/models/campplus,
Apache-2.0): a residual 2-D head, three blocks of densely connected time-delay layers with context-aware masks, and the
mean and deviation over time. The graph is written node by node from the tensors' names, so nothing is traced and nothing in
the weights file is executed. This module must not know what the vectors are used for.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callscore.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Tensors = Mapping[str, NDArray[np.float32]]

__all__ = ["FEATURE_BINS", "VECTOR_SIZE", "ensure_onnx"]

FEATURE_BINS: Final = 80
VECTOR_SIZE: Final = 192

# Sizes of the published model: layers and dilation of each dense block, and the frames that share one local context.
_BLOCKS: Final = ((12, 1), (24, 2), (16, 2))
_CONTEXT_FRAMES: Final = 100
_NORM_EPSILON: Final = 1e-5
_OPSET: Final = 17
_IR_VERSION: Final = 8


def ensure_onnx(weights: Path, cache_dir: Path) -> Path:
    """Return the ONNX form of `weights`, writing it into `cache_dir` the first time.

    The file is keyed by the weights' sha256 and placed by rename, so that several processes may do this at once. Its folder
    is named `wespeaker-campplus-<sha256>`: pyannote.audio picks its ONNX wrapper by the word in the path. The network takes
    `feats`, float32, (batch, frames, 80), log-mel energies less their mean over time, and gives `embs`, (batch, 192).

    Raises:
        ModelError: if the weights are missing, damaged or of another network, or the cache cannot be written.
    """
    try:
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    except OSError as exc:
        raise ModelError("the speaker vector weights cannot be read", where=str(weights), hint="callscore models pull") from exc
    target = cache_dir / f"wespeaker-campplus-{digest[:16]}" / "embedding.onnx"
    if target.is_file():
        return target
    data = _Graph(_load_tensors(weights)).build()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(target)
    except OSError as exc:
        raise ModelError(
            f"the speaker vector model cannot be cached: {exc.strerror}",
            where=str(target.parent),
            hint="free disk space there, or choose another cache folder",
        ) from exc
    return target


def _load_tensors(weights: Path) -> Tensors:
    import torch

    try:
        state = torch.load(weights, map_location="cpu", weights_only=True)
        tensors = {name: tensor.float().numpy() for name, tensor in state.items()}
    except Exception as exc:  # torch raises half a dozen kinds for damaged files
        raise ModelError(
            "the speaker vector weights are damaged",
            where=str(weights),
            hint="callscore models verify, then callscore models pull",
        ) from exc
    dense = tensors.get("xvector.dense.linear.weight")
    if dense is None or dense.shape[0] != VECTOR_SIZE:
        raise ModelError("the speaker vector weights are of another network than CAM++", where=str(weights))
    return tensors


class _Graph:
    """Collects the nodes of the network; each method adds one layer and returns the name of its output."""

    def __init__(self, tensors: Tensors) -> None:
        self._tensors = tensors
        self._nodes: list[Any] = []
        self._weights: dict[str, NDArray[Any]] = {}

    def build(self) -> bytes:
        """Return the whole network as the bytes of an ONNX file."""
        from onnx import TensorProto, checker, helper, numpy_helper

        self._node("Identity", self._output(), output="embs")
        graph = helper.make_graph(
            self._nodes,
            "campplus",
            [helper.make_tensor_value_info("feats", TensorProto.FLOAT, ["batch", "frames", FEATURE_BINS])],
            [helper.make_tensor_value_info("embs", TensorProto.FLOAT, ["batch", VECTOR_SIZE])],
            [numpy_helper.from_array(value, name) for name, value in self._weights.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], producer_name="callscore")
        model.ir_version = _IR_VERSION
        checker.check_model(model)
        data: bytes = model.SerializeToString()
        return data

    def _output(self) -> str:
        x = self._head(self._node("Transpose", "feats", perm=[0, 2, 1]))
        x = self._conv(x, "xvector.tdnn.linear", strides=[2], pads=[2, 2])
        x = self._norm_relu(x, "xvector.tdnn.nonlinear")
        context = self._context_of(x)
        for number, (n_layers, dilation) in enumerate(_BLOCKS, start=1):
            for layer in range(1, n_layers + 1):
                grown = self._dense_layer(x, f"xvector.block{number}.tdnnd{layer}", dilation, context)
                x = self._node("Concat", x, grown, axis=1)
            x = self._conv(self._norm_relu(x, f"xvector.transit{number}.nonlinear"), f"xvector.transit{number}.linear")
        x = self._statistics(self._norm_relu(x, "xvector.out_nonlinear"))
        x = self._norm(self._conv(x, "xvector.dense.linear"), "xvector.dense.nonlinear.batchnorm")
        return self._node("Squeeze", x, self._ints("last_axis", [2]))

    def _head(self, x: str) -> str:
        """Four residual blocks and a closing convolution over (bins, frames); the bins shrink eightfold."""
        x = self._node("Unsqueeze", x, self._ints("channel_axis", [1]))
        x = self._relu(self._norm(self._conv(x, "head.conv1", pads=[1] * 4), "head.bn1"))
        for layer in ("layer1", "layer2"):
            for block, stride in ((0, 2), (1, 1)):
                x = self._residual(x, f"head.{layer}.{block}", stride)
        x = self._relu(self._norm(self._conv(x, "head.conv2", pads=[1] * 4, strides=[2, 1]), "head.bn2"))
        return self._node("Reshape", x, self._ints("bins_as_channels", [0, 32 * FEATURE_BINS // 8, -1]))

    def _residual(self, x: str, name: str, stride: int) -> str:
        y = self._conv(x, f"{name}.conv1", pads=[1] * 4, strides=[stride, 1])
        y = self._relu(self._norm(y, f"{name}.bn1"))
        y = self._norm(self._conv(y, f"{name}.conv2", pads=[1] * 4), f"{name}.bn2")
        if f"{name}.shortcut.0.weight" in self._tensors:
            x = self._norm(self._conv(x, f"{name}.shortcut.0", strides=[stride, 1]), f"{name}.shortcut.1")
        return self._relu(self._node("Add", y, x))

    def _dense_layer(self, x: str, name: str, dilation: int, context: tuple[str, str]) -> str:
        """One time-delay layer whose output is masked by what the whole and the nearby sound is like."""
        x = self._conv(self._norm_relu(x, f"{name}.nonlinear1"), f"{name}.linear1")
        x = self._norm_relu(x, f"{name}.nonlinear2")
        local = self._conv(x, f"{name}.cam_layer.linear_local", pads=[dilation] * 2, dilations=[dilation])
        averages, members = context
        nearby = self._node("MatMul", self._node("MatMul", x, averages), members)
        around = self._node("Add", self._node("ReduceMean", x, axes=[2], keepdims=1), nearby)
        mask = self._relu(self._conv(around, f"{name}.cam_layer.linear1"))
        mask = self._node("Sigmoid", self._conv(mask, f"{name}.cam_layer.linear2"))
        return self._node("Mul", local, mask)

    def _context_of(self, x: str) -> tuple[str, str]:
        """Return two matrices: (frames, segments) averages each stretch of frames, (segments, frames) spreads it back."""
        frames = self._node("Gather", self._node("Shape", x), self._ints("frames_axis", 2), axis=0)
        zero, one = self._ints("zero", 0), self._ints("one", 1)
        segment = self._node("Div", self._node("Range", zero, frames, one), self._ints("context_frames", _CONTEXT_FRAMES))
        last = self._node("ReduceMax", segment, keepdims=0)
        numbers = self._node("Range", zero, self._node("Add", last, one), one)
        rows = self._node("Unsqueeze", segment, self._ints("row_axis", [1]))
        columns = self._node("Unsqueeze", numbers, self._ints("column_axis", [0]))
        belongs = self._node("Cast", self._node("Equal", rows, columns), to=1)
        counts = self._node("ReduceSum", belongs, self._ints("sum_axis", [0]), keepdims=1)
        return self._node("Div", belongs, counts), self._node("Transpose", belongs, perm=[1, 0])

    def _statistics(self, x: str) -> str:
        """Mean and unbiased deviation over time, one above the other; not a number for a single frame."""
        mean = self._node("ReduceMean", x, axes=[2], keepdims=1)
        off = self._node("Sub", x, mean)
        squares = self._node("ReduceSum", self._node("Mul", off, off), self._ints("time_axis", [2]), keepdims=1)
        frames = self._node("Gather", self._node("Shape", x), self._ints("frames_axis", 2), axis=0)
        degrees = self._node("Cast", self._node("Sub", frames, self._ints("one", 1)), to=1)
        return self._node("Concat", mean, self._node("Sqrt", self._node("Div", squares, degrees)), axis=1)

    def _norm_relu(self, x: str, name: str) -> str:
        return self._relu(self._norm(x, f"{name}.batchnorm"))

    def _relu(self, x: str) -> str:
        return self._node("Relu", x)

    def _conv(self, x: str, name: str, **attributes: Any) -> str:
        inputs = [x, self._weight(f"{name}.weight")]
        if f"{name}.bias" in self._tensors:
            inputs.append(self._weight(f"{name}.bias"))
        return self._node("Conv", *inputs, **attributes)

    def _norm(self, x: str, name: str) -> str:
        import numpy as np

        mean = self._weight(f"{name}.running_mean")
        if f"{name}.weight" in self._tensors:
            scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        else:  # the last normalisation has no scale of its own
            size = len(self._tensors[f"{name}.running_mean"])
            scale = self._constant(f"{name}.weight", np.ones(size, np.float32))
            bias = self._constant(f"{name}.bias", np.zeros(size, np.float32))
        return self._node(
            "BatchNormalization", x, scale, bias, mean, self._weight(f"{name}.running_var"), epsilon=_NORM_EPSILON
        )

    def _weight(self, name: str) -> str:
        try:
            return self._constant(name, self._tensors[name])
        except KeyError as exc:
            raise ModelError(f"the speaker vector weights lack {name!r}, they are not of CAM++") from exc

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        self._weights[name] = value
        return name

    def _ints(self, name: str, value: int | list[int]) -> str:
        import numpy as np

        return self._constant(name, np.array(value, np.int64))

    def _node(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        from onnx import helper

        output = output or f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output
