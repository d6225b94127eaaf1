#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emberlab's trainers beside scikit-learn's on the same rows: scores, and seconds in the trainer, one thread each.

DIR must hold cases/digits_train.csv, cases/digits_test.csv and tabular/iris.csv. scikit-learn is optional (Debian:
python3-sklearn); without it only our own figures are printed. The last column says whether the scores are within one
standard error of each other: of a share of the test rows for accuracies, not given for other measures.
"""

import argparse
import csv
import json
import math
import os
import subprocess
import tempfile
import time

try:
    import numpy
    from sklearn import cluster, covariance, ensemble, linear_model, metrics, mixture
    from sklearn import naive_bayes, neighbors, pipeline, preprocessing, svm, tree

    HAVE_SKLEARN = True
except ImportError:
    HAVE_SKLEARN = False


def read(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    return rows[0], rows[1:]


def write(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def make_tables(data, folder):
    """name -> (train, test, label column, task); the splits are fixed."""
    cases = os.path.join(data, "cases")
    tables = {"digits": (os.path.join(cases, "digits_train.csv"), os.path.join(cases, "digits_test.csv"), "label")}
    header, rows = read(os.path.join(data, "tabular", "iris.csv"))
    parts = [[r for i, r in enumerate(rows) if i % 3 != 0], [r for i, r in enumerate(rows) if i % 3 == 0]]
    for name, label, drop in (("iris", "species", None), ("iris petal width", "petal_width", "species")):
        keep = [i for i, column in enumerate(header) if column != drop]
        paths = [os.path.join(folder, name.replace(" ", "-") + suffix) for suffix in ("-train.csv", "-test.csv")]
        for path, part in zip(paths, parts):
            write(path, [header[i] for i in keep], [[r[i] for i in keep] for r in part])
        tables[name] = (*paths, label)
    # Zeros and ones are normal, every other digit is an anomaly.
    paths = []
    for source, suffix in zip(tables["digits"], ("-train.csv", "-test.csv")):
        header, rows = read(source)
        at = header.index("label")
        for row in rows:
            row[at] = "normal" if row[at] in ("0", "1") else "anomaly"
        paths.append(os.path.join(folder, "zeros" + suffix))
        write(paths[-1], header, rows)
    tables["zeros and ones"] = (*paths, "label")
    return tables


def load(path, label):
    header, rows = read(path)
    at = header.index(label)
    x = numpy.array([[float(v) for i, v in enumerate(r) if i != at] for r in rows], dtype=numpy.float32)
    return x, numpy.array([r[at] for r in rows])


class PerClass:
    """One density or one set of centres for each class."""

    def __init__(self, make):
        self.make = make

    def fit(self, x, y):
        self.classes = numpy.unique(y)
        self.models = [self.make().fit(x[y == c]) for c in self.classes]
        self.priors = [math.log((y == c).mean()) for c in self.classes]
        return self

    def predict(self, x):
        if hasattr(self.models[0], "score_samples"):
            scores = [m.score_samples(x) + p for m, p in zip(self.models, self.priors)]
        else:
            scores = [-m.transform(x).min(axis=1) for m in self.models]
        return self.classes[numpy.argmax(scores, axis=0)]


def scaled(model):
    return pipeline.make_pipeline(preprocessing.StandardScaler(), model)


# (trainer, settings, what it is in scikit-learn)
CLASSIFIERS = [
    ("bayes.gaussian", "", lambda: naive_bayes.GaussianNB()),
    ("linear.logistic", "", lambda: scaled(linear_model.LogisticRegression(max_iter=1000))),
    ("linear.ridge", "", lambda: scaled(linear_model.RidgeClassifier())),
    ("linear.sefr", "", None),
    ("kernel.svm", "", lambda: scaled(svm.SVC())),
    ("kernel.svm", "kernel=linear", lambda: scaled(svm.SVC(kernel="linear"))),
    ("kernel.svm", "kernel=polynomial coef0=1", lambda: scaled(svm.SVC(kernel="poly", coef0=1))),
    ("kernel.rvm", "", None),
    ("trees.decision-tree", "", lambda: tree.DecisionTreeClassifier(random_state=1)),
    ("trees.random-forest", "trees=100", lambda: ensemble.RandomForestClassifier(100, random_state=1)),
    ("trees.extra-trees", "trees=100", lambda: ensemble.ExtraTreesClassifier(100, random_state=1)),
    ("trees.gradient-boosting", "", lambda: ensemble.GradientBoostingClassifier(random_state=1)),
    ("neighbours.knn", "", lambda: scaled(neighbors.KNeighborsClassifier())),
    ("neighbours.knn", "k=1 condense=hart", None),
    ("neighbours.protonn", "", None),
    ("mixture.gmm", "", lambda: scaled(PerClass(lambda: mixture.GaussianMixture(1, reg_covar=1e-3, random_state=1)))),
    ("mixture.gmm", "components=3 covariance=diagonal",
     lambda: scaled(PerClass(lambda: mixture.GaussianMixture(3, covariance_type="diag", reg_covar=1e-3, random_state=1)))),
    ("mixture.kmeans", "", lambda: scaled(PerClass(lambda: cluster.KMeans(8, n_init=3, random_state=1)))),
]
REGRESSORS = [
    ("linear.ridge", "", lambda: scaled(linear_model.Ridge())),
    ("kernel.svm", "", lambda: scaled(svm.SVR())),
    ("kernel.rvm", "", None),
    ("neighbours.knn", "", lambda: scaled(neighbors.KNeighborsRegressor())),
    ("trees.gradient-boosting", "", lambda: ensemble.GradientBoostingRegressor(random_state=1)),
]
DETECTORS = [
    ("trees.isolation-forest", "", lambda: ensemble.IsolationForest(n_estimators=100, random_state=1)),
    ("kernel.one-class-svm", "", lambda: scaled(svm.OneClassSVM(nu=0.05))),
    ("mixture.gmm", "components=4 covariance=diagonal",
     lambda: scaled(mixture.GaussianMixture(4, covariance_type="diag", reg_covar=1e-3, random_state=1))),
    ("mixture.elliptic", "", lambda: scaled(covariance.EllipticEnvelope(random_state=1))),
    ("mixture.kmeans", "", None),
]
MEASURE = {"classification": "accuracy", "regression": "r2", "anomaly": "roc_auc"}


def ours(program, trainer, settings, task, table, folder):
    train, test, label = table
    out = os.path.join(folder, "model.onnx")
    command = [program, "train", "--json", "--table", train, "--label-column", label, "--trainer", trainer, "--task",
               task, "--out", out]
    for setting in settings.split():
        command += ["--set", setting]

    def run(arguments):
        ran = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        said = json.loads(ran.stdout)
        if not said["ok"]:
            raise RuntimeError(said["error"]["message"])
        return said["result"]

    trained = run(command)
    scored = run([program, "evaluate", "--json", out, "--table", test, "--label-column", label])
    return scored[MEASURE[task]], trained["seconds"], scored["rows"]


def theirs(make, task, table):
    train, test, label = table
    x, y = load(train, label)
    x_test, y_test = load(test, label)
    model = make()
    if task == "regression":
        y, y_test = y.astype(float), y_test.astype(float)
    if task == "anomaly":
        x = x[y == "normal"]
    begin = time.perf_counter()
    model.fit(x) if task == "anomaly" else model.fit(x, y)
    seconds = time.perf_counter() - begin
    if task == "classification":
        return (model.predict(x_test) == y_test).mean(), seconds
    if task == "regression":
        return metrics.r2_score(y_test, model.predict(x_test)), seconds
    return metrics.roc_auc_score(y_test != "normal", -model.score_samples(x_test)), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="DIR")
    parser.add_argument("--program", default="build/release/bin/emberlab")
    parser.add_argument("--skip", default="", help="trainers to leave out, separated by commas")
    options = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        if os.environ.get(variable) != "1" and HAVE_SKLEARN:
            print(f"note: {variable} is not 1; scikit-learn may use several threads")
    print(f"{'data':17}{'trainer':25}{'settings':34}{'score':>8}{'sklearn':>9}{'s':>9}{'s sklearn':>11}  within")
    with tempfile.TemporaryDirectory() as folder:
        tables = make_tables(options.data, folder)
        plan = [("digits", "classification", CLASSIFIERS), ("iris", "classification", CLASSIFIERS),
                ("iris petal width", "regression", REGRESSORS), ("zeros and ones", "anomaly", DETECTORS)]
        for name, task, trainers in plan:
            for trainer, settings, make in trainers:
                if trainer in options.skip.split(","):
                    continue
                try:
                    score, seconds, rows = ours(options.program, trainer, settings, task, tables[name], folder)
                except RuntimeError as error:
                    print(f"{name:17}{trainer:25}{settings:34}  failed: {error}")
                    continue
                other, other_seconds, within = "-", "-", ""
                if make and not HAVE_SKLEARN:
                    other = "not installed"
                elif make:
                    value, spent = theirs(make, task, tables[name])
                    other, other_seconds = f"{value:.4f}", f"{spent:.3f}"
                    if task == "classification":
                        error = math.sqrt(max(value * (1 - value), 1 / rows / 4) / rows)
                        within = "yes" if abs(score - value) <= error else "better" if score > value else "NO"
                print(f"{name:17}{trainer:25}{settings:34}{score:8.4f}{other:>9}{seconds:9.3f}{other_seconds:>11}  {within}",
                      flush=True)


if __name__ == "__main__":
    main()
