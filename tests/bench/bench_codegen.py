#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated code beside that of other engines: flash, RAM, stack and instructions on emulated Cortex-M4F and Cortex-M0,
whether the answers are right, and the ratio to the best figure of any of them (codegen_baselines.json says whose).

DIR must hold cases/digits_*.onnx with digits_test_X_int32.npy and *_expected_label.npy, cases/digits_train.csv and
digits_test.csv, and models/tflite with golden_fixed_input. Flash and RAM are linked images with the model minus those
without it; RAM in the ratios of networks includes the stack, as theirs does.
"""

import argparse
import ast
import json
import os
import struct
import subprocess
import tempfile

BOARDS = {"M4F": "mps2-an386", "M0": "mps2-m0"}
ROWS = 60  # of the means, as in the baselines
# (what, share of the other engine's figure)
TREE_AIMS = {
    ("size", "soft"): [("soft table", 0.60, None)],
    ("speed", "soft"): [("soft fastest", 0.50, 0.85)],
    ("size", "hard"): [("hard table", 0.55, 0.60)],
    ("speed", "hard"): [("hard fastest", None, 0.75)],
}
DT8_SPEED = [("soft fastest", 0.60, 1.00)]
CLASSIC_AIMS = {"digits_svm": (0.5, 0.05), "digits_gnb": (0.5, 0.15), "digits_mlp": (0.9, 0.9)}
MLP_INT8 = (0.4, 0.4)
NETWORK_AIMS = {"M4F": (0.25, 0.7, 0.6), "M0": (0.25, 0.7, 0.5)}


def read_npy(path):
    with open(path, "rb") as file:
        magic = file.read(8)
        length = struct.unpack("<H" if magic[6] == 1 else "<I", file.read(2 if magic[6] == 1 else 4))[0]
        header = ast.literal_eval(file.read(length).decode())
        return header, file.read()


def write_npy(path, descr, shape, data):
    header = str({"descr": descr, "fortran_order": False, "shape": tuple(shape)})
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data)


def first_rows(path, rows, out):
    header, data = read_npy(path)
    shape = header["shape"]
    rows = min(rows, shape[0])
    write_npy(out, header["descr"], (rows,) + tuple(shape[1:]), data[: len(data) // shape[0] * rows])


class Bench:
    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.reached = self.missed = 0

    def run(self, *arguments):
        ran = subprocess.run([self.program, *arguments, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             text=True)
        said = json.loads(ran.stdout)
        return said.get("result", {}), said.get("error", {}).get("message", "")

    def case(self, title, core, model, options, inputs, checked, expected):
        """Costs over `inputs`; how many of the rows `checked` the board gets wrong (None: not known)."""
        target = [model, "--target", BOARDS[core], *options]
        cost, error = self.run("profile", *target, "--input", inputs)
        if "flash_bytes" not in cost:
            print(f"{title:34}{core:5}no code: {error.splitlines()[0] if error else '?'}", flush=True)
            return None
        report, error = self.run("verify", *target, "--input", checked, *(["--expect", expected] if expected else []))
        wrong = "-"
        if "rows" in report:
            other = report["mismatched"]
            if expected:
                other = max(other, report["expect"]["mismatched"])
            wrong = f"{other}/{report['rows']}"
        cost["stack_bytes"] = cost.get("stack_bytes") or 0
        print(f"{title:34}{core:5}{cost['flash_bytes']:9.0f}{cost['flash_code_bytes']:8.0f}{cost['ram_bytes']:8.0f}{cost['stack_bytes']:7.0f}"
              f"{cost['instructions']:13.0f}  {wrong:>8}", end="")
        return cost

    def aim(self, what, ours, theirs, share):
        if theirs is None:
            return
        ratio = ours / theirs
        if share is None:
            print(f"  {what} {ratio:.3f}x", end="")
            return
        good = ratio <= share
        self.reached += good
        self.missed += not good
        print(f"  {what} {ratio:.3f}x ({'reached' if good else 'MISSED'} {share}x)", end="")


def trees(bench, data, baselines):
    for name, cores in baselines["trees"].items():
        path = os.path.join(data, "cases", name)
        for vote in ("soft", "hard"):
            for optimise in ("size", "balanced", "speed"):
                for core in BOARDS:
                    options = ["--feature-type", "int16", "--vote", vote, "--optimise", optimise]
                    expected = path + "_expected_label.npy" if vote == "soft" else None
                    cost = bench.case(f"{name} {vote} {optimise}", core, path + ".onnx", options, bench.few, bench.all,
                                      expected)
                    aims = TREE_AIMS.get((optimise, vote), [])
                    if name == "digits_dt8" and optimise == "speed":
                        aims = DT8_SPEED
                    for what, flash, instructions in aims:
                        theirs = cores[core].get(what)
                        if cost and theirs:
                            bench.aim(f"flash of {what}", cost["flash_bytes"], theirs[0], flash)
                            bench.aim("instructions", cost["instructions"], theirs[1], instructions)
                    if cost:
                        print(flush=True)


def classic(bench, data, baselines):
    train = os.path.join(data, "cases", "digits_train.csv")
    test = os.path.join(data, "cases", "digits_test.csv")
    mlp8 = os.path.join(bench.folder, "mlp8.onnx")
    said, error = bench.run("quantise", os.path.join(data, "cases", "digits_mlp.onnx"), "--calibration", train, "--test",
                            test, "--out", mlp8)
    flips = said.get("label_flips")
    plan = [(name, name, os.path.join(data, "cases", name + ".onnx"), CLASSIC_AIMS[name]) for name in CLASSIC_AIMS]
    if not error:
        plan.append((f"digits_mlp int8 ({flips} flips)", "digits_mlp", mlp8, MLP_INT8))
    for title, name, model, (flash, instructions) in plan:
        for optimise in ("size", "speed"):
            for core in BOARDS:
                # Of the quantised one the flips are said already: here the board is compared with the desk.
                expected = None if model == mlp8 else os.path.join(data, "cases", name + "_expected_label.npy")
                cost = bench.case(f"{title} {optimise}", core, model, ["--optimise", optimise], bench.few, bench.all,
                                  expected)
                if cost:
                    theirs = baselines["classic"][name][core]
                    # Each aim in the mode that is made for it.
                    bench.aim("flash", cost["flash_bytes"], theirs["flash"], flash if optimise == "size" else None)
                    bench.aim("instructions", cost["instructions"], theirs["instructions"],
                              instructions if optimise == "speed" else None)
                    print(flush=True)


def golden(bench, data, name):
    """The inputs of a network by their formula, and what TensorFlow Lite Micro said to them."""
    with open(os.path.join(data, "models", "tflite", "golden_fixed_input", name + ".json")) as file:
        said = json.load(file)
    rows = []
    for v in range(len(said["vectors_output_int8"])):
        row = [((i * (37 + 12 * v) + 11 + 29 * v) & 0xFF) - 128 for i in range(said["input_bytes"])]
        rows.append([x >> 2 for x in row] if v >= 4 else row)
    inputs = os.path.join(bench.folder, name + "-in.npy")
    outputs = os.path.join(bench.folder, name + "-out.npy")
    for path, table in ((inputs, rows), (outputs, said["vectors_output_int8"])):
        flat = [x for row in table for x in row]
        write_npy(path, "|i1", (len(table), len(table[0])), struct.pack(f"{len(flat)}b", *flat))
    return inputs, outputs


def networks(bench, data, baselines, only):
    for name, known in baselines["networks"].items():
        if only and name not in only:
            continue
        inputs, outputs = golden(bench, data, name)
        one = os.path.join(bench.folder, name + "-one.npy")
        first_rows(inputs, 1, one)
        for optimise in ("size", "speed"):
            for core in BOARDS:
                model = os.path.join(data, "models", "tflite", known["file"])
                cost = bench.case(f"{name} {optimise}", core, model, ["--optimise", optimise], one, inputs, outputs)
                if not cost:
                    continue
                theirs = known[core]
                code, ram, instructions = NETWORK_AIMS[core]
                if optimise == "speed":
                    code = None
                else:
                    instructions = None
                bench.aim("code", cost["flash_code_bytes"], theirs["runtime"], code)
                bench.aim("flash", cost["flash_bytes"], theirs["flash"], None)
                bench.aim("RAM", cost["ram_bytes"] + cost["stack_bytes"], theirs["ram"], ram)
                bench.aim("instructions", cost["instructions"], theirs["instructions"], instructions)
                print(flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="DIR")
    parser.add_argument("--program", default="build/release/bin/emberlab")
    parser.add_argument("--only", default="", help="trees, classic, networks or names of networks, with commas")
    options = parser.parse_args()
    only = [word for word in options.only.split(",") if word]
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "codegen_baselines.json")) as file:
        baselines = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.program, folder)
        bench.all = os.path.join(options.data, "cases", "digits_test_X_int32.npy")
        bench.few = os.path.join(folder, "few.npy")
        first_rows(bench.all, ROWS, bench.few)
        print(f"{'case':34}{'core':5}{'flash':>9}{'code':>8}{'RAM':>8}{'stack':>7}{'instructions':>13}  {'wrong':>8}  ratios")
        if not only or "trees" in only:
            trees(bench, options.data, baselines)
        if not only or "classic" in only:
            classic(bench, options.data, baselines)
        names = [name for name in only if name not in ("trees", "classic", "networks")]
        if not only or "networks" in only or names:
            networks(bench, options.data, baselines, names)
        print(f"{bench.reached} aims reached, {bench.missed} missed; all costs emulated")


if __name__ == "__main__":
    main()
