#!/usr/bin/env bash
# gpu.sh [--device NAME] [--quick] [FOLDER]
# On a machine with a CUDA device, in eight minutes: the training steps, the two Python peers on the same steps, the kernel profile, data that
# stream, the whole test suite with its CUDA-graph checks, an audit and a training run.
# Leaves logs and parts in FOLDER (default: Bench/results/<device>-<date>), and all measurements in FOLDER/bench.json. Each part has a time
# limit; a part that fails or runs out of time is named and the others go on. Exits with 1 if one did.
# --device opencl --quick runs it through on a processor with PoCL, to test the script itself.
# Where the projects are published already, set ILGPUVAE_APPS to the folder that holds Tests, Training and Bench.
# ILGPUVAE_GPU_SECONDS is how long all of it may take (default: 480).
# ILGPUVAE_PYTHON names the Python that has PyTorch and JAX (default: python3).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

device=cuda quick=() folder='' failed=()
while (($# > 0)); do
  case $1 in
    --device) device=${2:?--device needs a name}; shift 2 ;;
    --quick) quick=(--quick); shift ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    -*) echo "gpu.sh: $1 is not known; see --help." >&2; exit 2 ;;
    *) folder=$1; shift ;;
  esac
done
backend=${device%%:*}
folder=${folder:-Bench/results/$backend-$(date +%Y-%m-%d)}
mkdir -p "$folder" || exit 2
readonly limit_seconds=${ILGPUVAE_GPU_SECONDS:-480} bench=$folder/bench.json python=${ILGPUVAE_PYTHON:-python3}
# What an earlier call left would be taken for this one's.
rm -rf "$folder"/{bench,steps,pytorch,jax,kernels,streaming}.json "$folder/run"

# app PROJECT ASSEMBLY: the command that runs a published program, or the project, in the array `app`.
app() {
  if [[ -n ${ILGPUVAE_APPS:-} ]]; then
    app=(dotnet "$ILGPUVAE_APPS/$1/$2.dll")
  else
    app=(dotnet run --no-build --configuration Release --project "$1" --)
  fi
}

# part NAME SECONDS COMMAND...: one part, its output kept, its time and the script's limited, its failure noted.
part() {
  local name=$1 seconds=$2 start=$SECONDS left=$((limit_seconds - SECONDS)) status
  shift 2
  if ((left < 5)); then
    failed+=("$name")
    echo "$name: LEFT OUT, the ${limit_seconds} s are over"
    return
  fi
  timeout --kill-after=5 "$((seconds < left ? seconds : left))" "$@" >"$folder/$name.log" 2>&1
  status=$?
  if ((status == 0)); then
    echo "$name: done in $((SECONDS - start)) s"
  else
    failed+=("$name")
    echo "$name: FAILED after $((SECONDS - start)) s ($( ((status == 124 || status == 137)) && echo 'out of time' || echo "exit code $status")): $(tail -n 1 "$folder/$name.log" | cut -c 1-160)"
  fi
}

# peer NAME: a Python peer on this device; PyTorch and JAX name processors their own way.
peer() {
  local on=cuda
  [[ $backend == cuda ]] || on=cpu
  part "$1" 75 "$python" "Bench/Peers/$1_peer.py" --json "$folder/$1.json" --device "$on" "${quick[@]}"
}

[[ -n ${ILGPUVAE_APPS:-} ]] || part build 150 dotnet build --configuration Release -p:RunAnalyzers=false
app Training ilgpu-vae; train=("${app[@]}")
app Bench IlgpuVae.Bench; measure=("${app[@]}")
app Tests IlgpuVae.Tests; tests=("${app[@]}")

part devices 20 "${train[@]}" devices
part steps 75 "${measure[@]}" steps --device "$device" --json "$folder/steps.json" "${quick[@]}"
part graph-checks 60 env ILGPUVAE_DEVICES="$backend" ILGPUVAE_REQUIRE="$backend" "${tests[@]}" --filter 'FullyQualifiedName~GraphReplayTests|FullyQualifiedName~CudaGraphTests|FullyQualifiedName~DeterminismTests'
peer pytorch
peer jax
part kernels 110 "${measure[@]}" profile --device "$device" --json "$folder/kernels.json" --quick
part streaming 40 "${measure[@]}" streaming --device "$device" --json "$folder/streaming.json" --quick
part audit 60 "${train[@]}" audit --device "$device" --latents 2 --categories 8 --steps 500 --out "$folder/audit"
part train 30 "${train[@]}" train --device "$device" --out "$folder/run"
part tests "$limit_seconds" env ILGPUVAE_DEVICES="$backend" ILGPUVAE_REQUIRE="$backend" "${tests[@]}"

# Outside the time limit, so that what was measured is kept.
measured=()
for rows in steps pytorch jax kernels streaming; do
  [[ -s $folder/$rows.json ]] && measured+=("$folder/$rows.json")
done
if ((${#measured[@]} == 0)) || ! timeout 20 "${measure[@]}" merge "$bench" "${measured[@]}"; then
  failed+=(merge)
  echo 'merge: FAILED, there is no file of measurements'
fi

echo "$SECONDS s in all; measurements: $([[ -s $bench ]] && echo "$bench" || echo none)"
if ((${#failed[@]} > 0)); then
  echo "failed: ${failed[*]}"
  exit 1
fi
