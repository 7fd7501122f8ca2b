"""What a victim calls in the clone of a hostile repository: every command, hook and driver."""

from __future__ import annotations

RUN, OTHER = "brave-otter-01", "calm-crow-02"

CALLS = tuple(
    tuple(line.split())
    for line in f"""
ls
pull
hooks install
hooks status
ls --all-columns
ls --csv
ls --md
ls --json
ls --running
ls --group-by rate
ls origin
show {RUN}
show {RUN} --json
show 0000000003
show forged-2
show forged-7
show -- --output=canary
diff
diff {RUN} {OTHER} --md
diff origin/main origin/change --code
best -- --output=canary
trend accuracy
bisect accuracy --dry-run
blame
plot
plot --kind dvc -o d.html
report {RUN} {OTHER}
lineage {RUN}
lineage {RUN} --mermaid
lineage {RUN} --dot
story
story --html
ui --export site
sql select/**/*/**/from/**/runs
mcp --help
check
check --staged
review main origin/change --md
review main origin/change --html
evaluate {RUN}
rerun {RUN} --incomplete --dry-run
rerun {RUN} --incomplete --script
rerun forged-9 --incomplete --script
verify {RUN}
verify-signatures
apply {RUN} --dry-run
apply -f {RUN}
branch {RUN} new -n
branch {RUN} new
get {RUN} train.py -o got.py
get {RUN} leak.yaml -o got.yaml
get {RUN} ../outside/secret.yaml -o got2
get {RUN} model.pt -o got3
env {RUN}
promote {RUN} forest --version 1.0.0
models --all
models get digits -o m
card digits@v1.0.0
demote digits --stage prod
deprecate digits
tag {RUN} x
note {RUN} -m hello
rename {OTHER} another-name
rm forged-5
restore forged-5
gc -f
purge forged-6 -f
purge --path ../outside -n
doctor
doctor --deep
completion bash
init --dry-run
init --ci github -y
save -n saved
track linked/secret.yaml
stop nothing
sweep rate=0.1,0.2 --dry-run
import dvc
export csv -o e.csv
export parquet -o e.parquet
export ro-crate -o crate
push
pull --data {RUN}
git-hook pre-commit
git-hook prepare-commit-msg .git/COMMIT_EDITMSG
git-hook post-checkout HEAD HEAD 1
git-hook post-merge 0
git-hook post-rewrite rebase
git-hook pre-push origin x
git-driver diff params.yaml
git-driver diff dvc.yaml
git-driver diff held.dvc
demo --help
hooks uninstall
""".strip().splitlines()
)
"""Of a command that makes a run, a dry run: a run itself is the stranger's code."""

NOT_CALLED = frozenset({"run"})
"""A command that does nothing but that."""

SLOW = frozenset(
    {
        ("plot", "--kind", "dvc", "-o", "d.html"),
        ("export", "parquet", "-o", "e.parquet"),
        ("ls", "origin"),
        ("review", "main", "origin/change", "--html"),
        ("ls", "--group-by", "rate"),
        ("doctor", "--deep"),
        ("story", "--html"),
    }
)
"""What `tests.attack.trace` calls, and the tests do not: another form of the command is called."""
