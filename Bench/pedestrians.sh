#!/usr/bin/env bash
# pedestrians.sh RECORDINGS [FOLDER] [OPTION OF TRAIN...]
# Where pedestrians go, by `train` and `predict` alone: for each of five scenes a conditional model learns from the other four, and its
# predictions are scored beside walking on as before and a published table. RECORDINGS is the folder with biwi_eth.txt and the others, FOLDER
# (default: pedestrians) takes windows, runs, predictions and scores.json. Options behind them go to every training.
# A scene that is trained already is not trained again, so that a broken run goes on. Exit code 1 if a part failed, 2 for a wrong call.
set -euo pipefail
if (($# < 1)) || [[ $1 == -* ]]; then
  echo 'pedestrians.sh RECORDINGS [FOLDER] [OPTION OF TRAIN...]' >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
recordings=$1 out=pedestrians
shift
if (($# > 0)) && [[ $1 != -* ]]; then
  out=$1
  shift
fi

mkdir -p "$out"
log=$out/log.txt
trap 'echo "failed, see $log:" >&2; tail --lines=3 "$log" >&2; exit 1' ERR
vae=(dotnet "$here/Training/bin/Release/net10.0/ilgpu-vae.dll")
dotnet build --configuration Release "$here/Training" >"$log" 2>&1
# The header of what prepare writes names what is told: its last line is the condition to train with.
condition=$(python3 "$here/Bench/pedestrians.py" prepare "$recordings" "$out" 2>>"$log" | tee -a "$log" | sed -n 's/^--condition //p')

for scene in eth hotel univ zara1 zara2; do
  folder=$out/$scene
  start=$SECONDS
  if [[ ! -s $folder/run/done ]]; then
    rm -rf "$folder/run"
    "${vae[@]}" train --data "$folder" --condition "$condition" --likelihood gaussian --prior conditional --categories 25 --estimator exact \
      --steps 3000 --device cpu --out "$folder/run" "$@" >>"$log" 2>&1
    echo "$*" >"$folder/run/done"
  fi
  # The same questions twice: 20 draws with their noise, and the codes in the order of p(z | c) with their means.
  ask=(predict --run "$folder/run" --data "$folder/windows.csv" --keep recording,pedestrian,frame --device cpu --force)
  "${vae[@]}" "${ask[@]}" --samples 20 --draw --out "$folder/draws.csv" >>"$log" 2>&1
  "${vae[@]}" "${ask[@]}" --samples 25 --out "$folder/codes.csv" >>"$log" 2>&1
  echo "$scene: $((SECONDS - start)) s"
done
python3 "$here/Bench/pedestrians.py" score "$out" --json "$out/scores.json" 2>>"$log"
