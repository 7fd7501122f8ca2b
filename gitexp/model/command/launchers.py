"""Programs that start another one, with the options that are their own."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace


class Launcher(Struct, frozen=True):
    """How the words of a launcher end: its options, and how many other words are its own."""

    valued: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    pairs: frozenset[str] = frozenset()
    arguments: int = 0
    verbs: frozenset[str] = frozenset()
    """If there are any, one of them has to come before the command, as in `uv run`."""
    groups: frozenset[str] = frozenset()
    """Words that may stand before a verb, as in `docker compose run`."""


def _launcher(
    valued: str = "",
    flags: str = "",
    *,
    pairs: str = "",
    arguments: int = 0,
    verbs: str = "",
    groups: str = "",
) -> Launcher:
    first, second, third, fourth, last = (
        frozenset(names.split()) for names in (valued, flags, pairs, verbs, groups)
    )
    return Launcher(first, second, third, arguments, fourth, last)


_PLAIN = _launcher("", "")
_MPI = _launcher(
    """n np c N H host hosts hostfile machinefile f rf rankfile x wdir wd bind-to map-by rank-by
    npernode npersocket ppn ppr oversubscribe-by output-filename report-bindings-to path prefix
    tune am app launch-agent hosts-file genvlist bind-to-core-set env-list timeout""",
    """allow-run-as-root oversubscribe use-hwthread-cpus report-bindings display-map bind-to-core
    bind-to-none tag-output timestamp-output v q verbose quiet bynode byslot nooversubscribe
    merge-stderr-to-stdout genvall l prepend-rank""",
    pairs="mca gmca pmixmca prtemca genv env",
)
_CONDA = _launcher(
    "n name p prefix cwd a attach e env root-prefix r",
    """no-capture-output live-stream v verbose dev debug-wrapper-scripts clean-env detach
    q quiet""",
    verbs="run",
)
_CONTAINER = _launcher(
    "B bind H home W workdir pwd env env-file overlay S scratch mount app network",
    "nv rocm c contain C containall e cleanenv w writable writable-tmpfs no-home u userns f",
    arguments=1,
    verbs="exec run",
)
_TORCH = _launcher(
    """nnodes nproc-per-node node-rank rdzv-backend rdzv-endpoint rdzv-id rdzv-conf max-restarts
    monitor-interval start-method role log-dir r redirects t tee local-ranks-filter
    local-addr master-addr master-port numa-binding logs-specs event-log-handler""",
    "standalone m module no-python run-path use-env",
)
_ACCELERATE = _launcher(
    """config-file num-processes num-machines machine-rank main-process-ip main-process-port
    mixed-precision gpu-ids dynamo-backend dynamo-mode rdzv-backend rdzv-conf max-restarts
    monitor-interval num-cpu-threads-per-process deepspeed-config-file zero-stage
    offload-optimizer-device offload-param-device gradient-accumulation-steps gradient-clipping
    zero3-init-flag zero3-save-16bit-model deepspeed-hostfile deepspeed-multinode-launcher
    fsdp-version fsdp-sharding-strategy fsdp-offload-params fsdp-min-num-params
    fsdp-auto-wrap-policy fsdp-transformer-layer-cls-to-wrap fsdp-state-dict-type log-dir role
    same-network-as tee env num-tpu-cores main-training-function downcast-bf16-type""",
    """cpu multi-gpu tpu use-deepspeed use-fsdp use-megatron-lm m module no-python debug q quiet
    same-network use-mps-device enable-cpu-affinity dynamo-use-fullgraph dynamo-use-dynamic
    use-xpu tpu-use-cluster""",
    verbs="launch",
)
_SLURM = _launcher(
    """A account B extra-node-info C constraint c cpus-per-task D chdir d dependency e error
    F nodefile G gpus gpus-per-node gpus-per-task gpus-per-socket gres i input J job-name
    L licenses M clusters m distribution mem mem-per-cpu mem-per-gpu mem-bind mincpus mpi
    N nodes n ntasks ntasks-per-node ntasks-per-core ntasks-per-gpu ntasks-per-socket o output
    p partition q qos reservation S core-spec t time time-min w nodelist W wait x exclude
    cpu-bind cpu-freq export gpu-bind jobid mail-type mail-user container-image container-mounts
    container-workdir container-name task-epilog task-prolog r relative T threads threads-per-core
    hint nice-by signal comment bcast-to network a array prefer""",
    """exclusive O overcommit s oversubscribe l label u unbuffered v verbose Q quiet pty k no-kill
    K kill-on-bad-exit X disable-status exact overlap Z no-allocate H hold requeue parsable
    no-container-mount-home container-writable""",
)

LAUNCHERS: dict[str, Launcher] = {
    "nice": _launcher("n adjustment"),
    "ionice": _launcher("c class n classdata", "t ignore"),
    "chrt": _launcher("T P D", "b batch d deadline f fifo i idle o other r rr", arguments=1),
    "taskset": _launcher("", "a all-tasks c cpu-list", arguments=1),
    "numactl": _launcher(
        """interleave i preferred p physcpubind C cpunodebind N membind m weighted-interleave w
        preferred-many P""",
        "localalloc l all a balancing b",
    ),
    "env": _launcher("u unset C chdir a argv0", "i ignore-environment v debug 0 null"),
    "time": _launcher("f format o output", "p portability v verbose a append q quiet l"),
    "timeout": _launcher(
        "k kill-after s signal", "foreground f preserve-status p v verbose", arguments=1
    ),
    "stdbuf": _launcher("i input o output e error"),
    "nohup": _PLAIN,
    "exec": _launcher("a", "c l"),
    "command": _launcher("", "p"),
    "builtin": _PLAIN,
    "setsid": _launcher("", "c ctty f fork w wait"),
    "unbuffer": _launcher("", "p"),
    "chronic": _launcher("", "v e"),
    "caffeinate": _launcher("t w", "d i m s u"),
    "ibrun": _PLAIN,
    "xvfb-run": _launcher(
        "e error-file f auth-file n server-num p xauth-protocol s server-args w wait",
        "a auto-servernum l listen-tcp",
    ),
    "sudo": _launcher(
        "u user g group h host p prompt C close-from D chdir R chroot T command-timeout",
        "E preserve-env H set-home n non-interactive S stdin b background k reset-timestamp",
    ),
    "flock": _launcher(
        "w wait timeout E conflict-exit-code",
        "e x s n u o F exclusive shared nonblock nb",
        arguments=1,
    ),
    "xargs": _launcher(
        "a arg-file d delimiter E I L max-lines n max-args P max-procs s max-chars",
        "0 null e eof i replace l o open-tty p interactive r no-run-if-empty t verbose x exit",
    ),
    "uv": _launcher(
        """with with-editable with-requirements from env-file extra group no-group only-group
        package directory project python p index default-index index-url i extra-index-url
        find-links f resolution prerelease exclude-newer link-mode color config-file cache-dir
        upgrade-package P
        refresh-package reinstall-package no-extra config-setting C keyring-provider w
        allow-insecure-host index-strategy python-platform no-build-package no-binary-package""",
        """m module s script gui-script isolated no-project no-sync frozen locked active no-dev dev
        only-dev all-extras all-groups no-default-groups no-editable exact offline q quiet v
        verbose no-cache n no-config no-progress native-tls upgrade U refresh reinstall
        all-packages no-env-file no-build no-binary no-index managed-python no-managed-python
        no-python-downloads no-sources compile-bytecode system-certs""",
        verbs="run",
        groups="tool",
    ),
    "poetry": _launcher(
        "C directory P project",
        "q quiet v vv vvv verbose n no-interaction no-plugins no-cache ansi no-ansi",
        verbs="run",
    ),
    "pipenv": _launcher("python pypi-mirror", "q quiet v verbose", verbs="run"),
    "pdm": _launcher(
        "p project env-file venv c config",
        "s site-packages q quiet v verbose no-isolation",
        verbs="run",
    ),
    "hatch": _launcher(
        "e env p project data-dir cache-dir config", "q quiet v verbose no-color", verbs="run"
    ),
    "rye": _launcher("pyproject", "q quiet v verbose", verbs="run"),
    "pixi": _launcher(
        "e environment manifest-path m color",
        "frozen locked no-install q quiet v verbose clean-env x executable as-is no-progress",
        verbs="run r",
    ),
    "conda": _CONDA,
    "mamba": _CONDA,
    "micromamba": _CONDA,
    "apptainer": _CONTAINER,
    "singularity": _CONTAINER,
    "docker": _launcher(
        "v volume e env env-file w workdir u user gpus name network shm-size ipc m memory cpus p "
        "publish mount entrypoint h hostname ulimit runtime l label device platform pull add-host",
        "i interactive t tty rm d detach privileged init read-only no-TTY T no-deps build",
        arguments=1,
        verbs="run exec",
        groups="compose container",
    ),
    "torchrun": _TORCH,
    "accelerate": _ACCELERATE,
    "deepspeed": _launcher(
        """H hostfile i include e exclude num-nodes num-gpus master-port master-addr node-rank
        launcher launcher-args autotuning ssh-port min-elastic-nodes max-elastic-nodes
        bind-core-list save-pid-by venv-script""",
        "m module no-python no-local-rank no-ssh-check force-multi force-multi-node "
        "elastic-training bind-cores-to-rank save-pid enable-each-rank-log-off no-ssh",
    ),
    "srun": _SLURM,
    "sbatch": _SLURM,
    "salloc": _SLURM,
    "mpirun": _MPI,
    "mpiexec": _MPI,
    "orterun": _MPI,
    "prterun": _MPI,
    "horovodrun": _launcher(
        "np num-proc p ssh-port H hosts hostfile i ssh-identity-file", "verbose gloo mpi"
    ),
    "coverage": _launcher(
        "rcfile source omit include data-file context concurrency",
        "a append branch L pylib p parallel-mode timid m module",
        verbs="run",
    ),
    "nsys": _launcher(
        "o output t trace s sample c capture-range f force-overwrite w show-output",
        "",
        verbs="profile",
    ),
    "cProfile": _launcher("o outfile s sort", "m"),
    "pdb": _launcher("c command", "m"),
    "kernprof": _launcher("o outfile s setup", "l line-by-line b builtin r rich t v view m"),
    "trace": _launcher(
        "f file C coverdir ignore-module ignore-dir",
        """c count t trace r report T trackcalls l listfuncs m missing s summary R no-report
        g timing module""",
    ),
    "debugpy": _launcher("listen connect log-to", "wait-for-client m"),
    "memory_profiler": _launcher("o T precision pdb-mmem backend", "timestamp"),
    "pyinstrument": _launcher("o outfile r renderer i interval", "m html json t timeline"),
    "viztracer": _launcher(
        "o output-file max-stack-depth tracer-entries m module", "q quiet open log-async"
    ),
    "memray": _launcher(
        "o output", "m native live f force follow-fork q quiet trace-python-allocators", verbs="run"
    ),
    "composer": _launcher(
        "n nproc world-size base-rank node-rank master-addr master-port stdout stderr",
        "m module-mode c command-mode v verbose",
    ),
    "cargo": _launcher(
        "bin example p package F features profile target target-dir manifest-path j jobs color",
        "r release q quiet v verbose all-features no-default-features frozen locked offline",
        verbs="run r",
    ),
    "julia": _launcher(
        "t threads p procs J sysimage L load machine-file O optimize g", "project q quiet i"
    ),
    "java": _launcher("cp classpath class-path p module-path X D", "jar server ea"),
    "Rscript": _launcher("", "vanilla no-save no-restore no-environ no-init-file verbose"),
    "node": _launcher("r require import loader C conditions", "trace-warnings expose-gc"),
    "tox": _PLAIN,
    "nox": _PLAIN,
    "script": _PLAIN,
    "nix-shell": _PLAIN,
    "su": _launcher(arguments=1),
}
"""Launchers by name. `accelerate` and the like stand for the commands among their verbs."""

MODULES = {
    "torch.distributed.run": "torchrun",
    "torch.distributed.launch": "torchrun",
    "accelerate.commands.launch": "accelerate launch",
    "accelerate.commands.accelerate_cli": "accelerate",
    "cProfile": "cProfile",
    "pdb": "pdb",
    "coverage": "coverage",
    "papermill": "papermill",
    "uv": "uv",
    "line_profiler": "kernprof",
}
"""What `python -m` starts that is a launcher, or has params of its own kind."""
LAUNCHERS["uvx"] = replace(LAUNCHERS["uv"], verbs=frozenset(), groups=frozenset())
LAUNCHERS["podman"] = LAUNCHERS["docker-compose"] = LAUNCHERS["docker"]
LAUNCHERS["mpiexec.hydra"] = _MPI
LAUNCHERS["accelerate launch"] = replace(_ACCELERATE, verbs=frozenset())
OF_MPI = frozenset({"srun", "mpirun", "mpiexec", "mpiexec.hydra", "orterun", "prterun"})
"""Several programs may stand behind these, with `:` between them."""
