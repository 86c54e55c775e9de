#!/usr/bin/env bash
# Fuzzes targets one after the other: fuzz.sh MINUTES [TARGET...]
# What is invented is kept beside the build; what breaks something is put into crashes/.
set -euo pipefail
minutes=${1:?minutes for each target}
shift
cd "$(dirname "$0")"

CARGO_FUZZ=0.13.2
# Bytes of an input: a workbook and a frame are larger than a line of configuration.
declare -A length=([admission]=65536 [csv]=65536 [envelope]=65536 [frame]=131072 [xlsx]=131072)
targets=("$@")
(( $# )) || mapfile -t targets < <(basename -s .rs -a libfuzzer/targets/*.rs)

if ! cargo +nightly --version >/dev/null 2>&1; then
  echo "FUZZING SKIPPED: ${#targets[@]} targets, 0 run. It needs a nightly compiler:" >&2
  echo "  rustup toolchain install nightly" >&2
  exit 0
fi
if ! command -v cargo-fuzz >/dev/null; then
  echo "fuzz: installing cargo-fuzz $CARGO_FUZZ"
  cargo install --locked --version "$CARGO_FUZZ" cargo-fuzz
fi

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-../../target}/fuzz
mkdir -p "$CARGO_TARGET_DIR"
CARGO_TARGET_DIR=$(cd "$CARGO_TARGET_DIR" && pwd)
log=$CARGO_TARGET_DIR/log
mkdir -p "$log"
cargo +nightly fuzz build --fuzz-dir libfuzzer -O -a

broken=0
for target in "${targets[@]}"; do
  invented=$CARGO_TARGET_DIR/corpus/$target
  mkdir -p "$invented" "crashes/$target"
  options=(-max_total_time=$((minutes * 60)) -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=512
    -max_len="${length[$target]:-16384}" -print_final_stats=1 -artifact_prefix="crashes/$target/")
  [[ -f dictionaries/$target.dict ]] && options+=(-dict="dictionaries/$target.dict")
  outcome=ok
  cargo +nightly fuzz run --fuzz-dir libfuzzer -O -a "$target" "$invented" "corpus/$target" \
    -- "${options[@]}" >"$log/$target" 2>&1 || { outcome="BROKEN, see $log/$target"; broken=1; }
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log/$target")
  coverage=$(grep -ao 'cov: [0-9]*' "$log/$target" | tail -1 || true)
  echo "fuzz: $target: ${executions:-no} executions, ${coverage:-cov: none}, $outcome"
  rmdir --ignore-fail-on-non-empty "crashes/$target"
done
exit "$broken"
