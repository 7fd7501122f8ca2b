#!/usr/bin/env bash
# There is no way to write infinity, or NaN, that Hydra reads as a number both in a file and on the command line.
#
# One expects that the text behind `key:` in the configuration means the same behind `key=` as an override,
# and most texts do. But `.inf` is a number in a file and a text as an override; `inf` is a text in a file and
# a number as an override. So are `.nan` and `nan`. Whoever copies a value from one place to the other gets a
# text, without an error: a comparison of floats then fails late, and a text is not null or false, so it counts
# as "set". Octal and sexagesimal numbers, and `off`, are another value as well: a text that is true.
#
# Seen with hydra-core 1.3.8 and omegaconf 2.3.1 (Python 3.11, Linux):
#
#   inf       file 'inf'      override inf
#   .inf      file inf        override '.inf'
#   nan       file 'nan'      override nan
#   .nan      file nan        override '.nan'
#   off       file False      override 'off'
#   010       file 8          override '010'
#   1:30      file 90         override '1:30'
#   1e-3      file 0.001      override 0.001
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q hydra-core==1.3.8 omegaconf==2.3.1
cd "$work"
cat > app.py <<'P'
import hydra


@hydra.main(version_base=None, config_path=".", config_name="config")
def main(config):
    print(repr(config.bound))


main()
P
value() {
  env/bin/python app.py hydra.run.dir=out hydra.output_subdir=null "$@"
}
for text in inf .inf nan .nan off 010 1:30 1e-3; do
  echo "bound: $text" > config.yaml
  file=$(value)
  echo "bound: null" > config.yaml
  printf '%-9s file %-10s override %s\n' "$text" "$file" "$(value "bound=$text")"
done > seen
cat seen
cat > expected <<'X2'
inf       file 'inf'      override inf
.inf      file inf        override '.inf'
nan       file 'nan'      override nan
.nan      file nan        override '.nan'
off       file False      override 'off'
010       file 8          override '010'
1:30      file 90         override '1:30'
1e-3      file 0.001      override 0.001
X2
diff expected seen
