#!/usr/bin/env bash
# Draws the pictures of README.md and docs/ anew, in some ten minutes with nothing else busy. Those of pages want Chromium.
# With a treebank in CoNLL-U as argument, that of its lengths as well.
set -euo pipefail
treebank=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."
mvn -B -q package -Dmaven.test.skip=true

plots=target/plots
unfold() { java --add-modules jdk.incubator.vector -jar examples/target/unfold.jar "$@" --quiet --plots "$plots"; }

unfold demo
cp "$plots/loss.png" docs/learning-curve.png
unfold memory --values 28,112,224,448,784 --hidden 128 --rows 100 --input 1 --batches 1 --threads 2
cp "$plots/bytes.png" docs/memory-steps.png
cp "$plots/timeline.png" docs/memory-timeline.png
unfold memory --values 784 --hidden 128 --rows 100 --input 1 --batches 1 --threads 2 --budget 1/2,1/4,1/10,1/15,15M,1/100 --repetitions 9
cp "$plots/budgets.png" docs/memory-budgets.png
if [ -n "$treebank" ]; then
    unfold memory --lengths-from "$treebank" --steps 60 --batches 16 --threads 2
    cp "$plots/bytes.png" docs/memory-lengths.png
fi
mvn -B -q verify -pl examples -am -Dtest=DocsPicturesTest -Dsurefire.failIfNoSpecifiedTests=false "-Dunfold.docs=$PWD/docs"
