#!/usr/bin/env bash
# gpu.sh [FOLDER]
# On a machine with a CUDA device: the whole test suite on it, the kernel profile, the training steps, an audit of the
# estimators, and a short training run.
# Leaves logs and JSON in FOLDER (default: Bench/results/cuda-<date>), goes on past a part that fails, and exits with 1 if one did.
# Where the projects are published already, set ILGPUVAE_APPS to the folder that holds Tests, Training and Bench.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=${1:-Bench/results/cuda-$(date +%Y-%m-%d)}
mkdir -p "$folder"
failed=0

# app PROJECT ASSEMBLY ARGUMENT...: runs a published program, or the project.
app() {
  local project=$1 assembly=$2
  shift 2
  if [[ -n ${ILGPUVAE_APPS:-} ]]; then
    dotnet "$ILGPUVAE_APPS/$project/$assembly.dll" "$@"
  else
    dotnet run --configuration Release --project "$project" -- "$@"
  fi
}

# part NAME COMMAND...: one part, its output kept and its failure counted.
part() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$folder/$name.log" 2>&1; then
    echo "$name: done in $((SECONDS - start)) s"
  else
    echo "$name: FAILED, see $folder/$name.log"
    failed=1
  fi
}

part devices app Training ilgpu-vae devices
part tests env ILGPUVAE_DEVICES=cuda ILGPUVAE_REQUIRE=cuda "$BASH" -c "$(declare -f app); app Tests IlgpuVae.Tests"
part kernels app Bench IlgpuVae.Bench profile --device cuda --json "$folder/kernels.json"
part steps app Bench IlgpuVae.Bench steps --device cuda --json "$folder/steps.json"
rm -rf "$folder/run"
part audit app Training ilgpu-vae audit --device cuda --latents 4 --categories 8 --steps 500 --out "$folder/audit"
part train app Training ilgpu-vae train --device cuda --out "$folder/run"
exit $failed
