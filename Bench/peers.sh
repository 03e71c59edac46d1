#!/usr/bin/env bash
# peers.sh [--quick] [--device NAME] [FOLDER]
# Measures our works and the peers' in one run on one machine: ours, TorchSharp, PyTorch, JAX, ours again. Leaves logs and JSON in
# FOLDER (default: Bench/results/peers-<date>) and prints one table of ratios with the losses beside them.
# NAME is a device of ours, cpu when left out; opencl is the processor by way of .ci/with-pocl. PyTorch and JAX take part where python3
# has them, here or inside .ci/with-pocl. With a CUDA device TorchSharp, whose package is for the CPU, is left out.
# Goes on past a part that fails and says what was left out; the exit code is 1 if a part failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

quick=() device=cpu folder=
while (($# > 0)); do
  case $1 in
    --quick) quick=(--quick) ;;
    --device) device=${2:?--device needs a name}; shift ;;
    -*) echo "$1 is not known: peers.sh [--quick] [--device NAME] [FOLDER]" >&2; exit 2 ;;
    *) folder=$1 ;;
  esac
  shift
done
folder=${folder:-Bench/results/peers-$(date +%Y-%m-%d)}
mkdir -p "$folder"
failed=0 notes=()

# glibc gives large arrays back to the system at once, and libtorch then pays for every page again at its next operation. Keeping
# them is what a tuned installation does, mostly with another allocator.
memory_kept=(MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=67108864)
# A kernel forced on OpenBLAS, as some machines do for old builds, would slow PyTorch where it uses that.
python=(env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE "${memory_kept[@]}")
bench=(dotnet Bench/bin/Release/net10.0/IlgpuVae.Bench.dll)
[[ $device == opencl* ]] && bench=(.ci/with-pocl "${bench[@]}")

# part NAME COMMAND...: one part, its output kept and its failure counted.
part() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$folder/$name.log" 2>&1; then
    echo "$name: done in $((SECONDS - start)) s"
    grep 'left out' "$folder/$name.log" || true
  else
    echo "$name: FAILED, see $folder/$name.log"
    notes+=("$name failed: $(tail --lines=1 "$folder/$name.log")")
    failed=1
    return 1
  fi
}

# python_peer NAME MODULE SCRIPT DEVICE: a Python peer, where a python3 with its module is to be had.
python_peer() {
  local name=$1 module=$2 script=$3 on=$4 run
  for run in "" .ci/with-pocl ".ci/with-pocl /usr/bin/env PATH=/usr/bin:/bin"; do
    # shellcheck disable=SC2086
    if $run python3 -c "import $module" 2>/dev/null; then
      part "$name" "${python[@]}" $run python3 "$script" --device "$on" ${quick[@]+"${quick[@]}"} --json "$folder/$name.json"
      return
    fi
  done
  notes+=("$name left out: no python3 here has the module $module")
}

ours() {
  part "ours-$1-steps" "${bench[@]}" steps --device "$device" ${quick[@]+"${quick[@]}"} --json "$folder/ours-$1-steps.json"
  for work in categorical-pass matmul; do
    part "ours-$1-$work" "${bench[@]}" profile --device "$device" ${quick[@]+"${quick[@]}"} --only "$work" --json "$folder/ours-$1-$work.json"
  done
}

echo "$(nproc) processors; OpenCL and every peer use as many threads"
rm -f "$folder"/*.json
part build dotnet build --configuration Release Bench || exit 1
part losses "${bench[@]}" losses --device "$device" --json "$folder/losses.json"
ours first
if [[ $device == cuda* ]]; then
  notes+=('torchsharp left out: its package is for the CPU')
elif part build-torchsharp dotnet build --configuration Release Bench/Peers/TorchSharp; then
  torchsharp=(.ci/with-pocl dotnet Bench/Peers/TorchSharp/bin/Release/net10.0/IlgpuVae.TorchSharpPeer.dll ${quick[@]+"${quick[@]}"})
  part torchsharp "${torchsharp[@]}" --json "$folder/torchsharp.json"
  part torchsharp-memory-kept env "${memory_kept[@]}" "${torchsharp[@]}" --json "$folder/torchsharp-memory-kept.json"
fi
[[ $device == cuda* ]] && accelerators=(cuda gpu) || accelerators=(cpu cpu)
python_peer pytorch torch Bench/Peers/pytorch_peer.py "${accelerators[0]}"
python_peer jax jax Bench/Peers/jax_peer.py "${accelerators[1]}"
ours second

dotnet Bench/bin/Release/net10.0/IlgpuVae.Bench.dll ratios "$folder"/*.json | tee "$folder/ratios.txt"
((${#notes[@]} == 0)) || printf '%s\n' "${notes[@]}"
exit $failed
