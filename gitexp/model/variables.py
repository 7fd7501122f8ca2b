"""The variables of a command that are recorded: threads and determinism, and no others."""

from __future__ import annotations

from collections.abc import Mapping

VARIABLES = frozenset(
    """
    ATEN_CPU_CAPABILITY BLIS_NUM_THREADS CUBLAS_WORKSPACE_CONFIG CUDA_DEVICE_ORDER
    CUDA_LAUNCH_BLOCKING CUDA_VISIBLE_DEVICES GOTO_NUM_THREADS HIP_VISIBLE_DEVICES
    JAX_DEFAULT_MATMUL_PRECISION JAX_ENABLE_X64 MKL_CBWR MKL_DYNAMIC MKL_ENABLE_INSTRUCTIONS
    MKL_NUM_THREADS NUMBA_NUM_THREADS NUMEXPR_MAX_THREADS NUMEXPR_NUM_THREADS
    NVIDIA_TF32_OVERRIDE OMP_DYNAMIC OMP_NUM_THREADS OMP_SCHEDULE OMP_THREAD_LIMIT
    OPENBLAS_CORETYPE OPENBLAS_NUM_THREADS POLARS_MAX_THREADS PYTHONHASHSEED PYTHONOPTIMIZE
    RAYON_NUM_THREADS ROCR_VISIBLE_DEVICES TF_CUDNN_DETERMINISTIC TF_CUDNN_USE_AUTOTUNE
    TF_DETERMINISTIC_OPS TF_ENABLE_ONEDNN_OPTS TF_NUM_INTEROP_THREADS TF_NUM_INTRAOP_THREADS
    TORCH_ALLOW_TF32_CUBLAS_OVERRIDE VECLIB_MAXIMUM_THREADS
    """.split()
)
"""What decides about a number's last digits, and is not in the code."""

_LONGEST = 200
"""Characters of a value; a longer one is no setting of these."""


def recorded_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return those of a process that are recorded, in the order of their names.

    >>> recorded_variables({"OMP_NUM_THREADS": "4", "TOKEN": "secret"})
    {'OMP_NUM_THREADS': '4'}
    """
    return {
        name: environment[name]
        for name in sorted(VARIABLES.intersection(environment))
        if len(environment[name]) <= _LONGEST
    }
