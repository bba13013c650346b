"""A risk and a method as estimators of scikit-learn, for its pipelines and searches."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data
from sympy import Expr

from symlab.algebra.gate import as_scalar
from symlab.algebra.risk.labels import label_set
from symlab.algebra.risk.per_sample import Samples, numpy_table
from symlab.algebra.risk.risk import BoundRisk, EmpiricalRisk
from symlab.checks import check_type, lookup
from symlab.engine.minimize import minimize
from symlab.lab.prediction import best_target, linear_risk, split_columns

WITHOUT_PROBABILITIES = (-1, 1)
"""The labels of a loss that names none itself, such as the hinge loss."""


class RiskEstimator(BaseEstimator):
    """What the two kinds of estimators share: the risk is minimised on the data."""

    _default = ""

    def __init__(
        self,
        risk: EmpiricalRisk | None = None,
        method: object = None,
        *,
        target: str | None = None,
        constants: Mapping[str, float] | None = None,
        start: Sequence[float] | None = None,
        max_steps: int = 1000,
        tolerance: float = 1e-8,
        backend: str = "interpreted",
    ) -> None:
        self.risk = risk
        self.method = method
        self.target = target
        self.constants = constants
        self.start = start
        self.max_steps = max_steps
        self.tolerance = tolerance
        self.backend = backend

    def _prepare(self, features: int) -> None:
        """Take the risk, and which of its data are features; refuse X where they do not fit."""
        self.risk_ = self._stated(features)
        self._features, self._target = split_columns(self.risk_, self.target)
        self._check_features(features)

    def _minimize(self, bound: BoundRisk) -> Self:
        """Fit the parameters of the risk on data."""
        self.trace_ = minimize(
            bound,
            np.zeros(bound.dimension) if self.start is None else self.start,
            self.method,
            self.max_steps,
            tolerance=self.tolerance,
            backend=self.backend,
        )
        names = (parameter.name for parameter in self.risk_.parameters)
        self.parameters_ = dict(zip(names, self.trace_.x.tolist(), strict=True))
        self.n_iter_ = self.trace_.steps
        return self

    def _stated(self, features: int) -> EmpiricalRisk:
        if self.risk is None:
            return linear_risk(features, self._default)
        return check_type(self.risk, EmpiricalRisk, "risk", "an EmpiricalRisk")

    def _check_features(self, given: int) -> None:
        """Refuse features that are not those of the risk, or are named in another order."""
        names = [symbol.name for symbol in self._features]
        if given != len(names):
            raise ValueError(f"X: the risk reads {len(names)} features, {names}, got {given}.")
        seen = list(getattr(self, "feature_names_in_", names))
        if seen != names and set(seen) == set(names):
            raise ValueError(f"X: expected the columns in the order {names}, got {seen}.")

    def _bind(self, x: np.ndarray, target: np.ndarray) -> BoundRisk:
        """Return the risk on features and numbers for the target."""
        columns = dict(zip(self._features, x.T, strict=True)) | {self._target: target}
        data = {
            key: np.column_stack([columns[symbol] for symbol in group])
            for key, group in self.risk_.columns.items()
        }
        return self.risk_.on(data | self._numbers())

    def _numbers(self) -> dict[str, Any]:
        """Return the numbers of the constants, by the names that the risk has for them."""
        given = {} if self.constants is None else self.constants
        check_type(given, Mapping, "constants", "numbers by name")
        known = {constant.name: constant for constant in self.risk_.constants}
        return {lookup(str(name), known, "constants").name: given[name] for name in given}

    def _seen(self, x: Any) -> np.ndarray:
        """Return features like those that were fitted."""
        check_is_fitted(self, "trace_")
        checked: np.ndarray = validate_data(self, x, dtype=float, reset=False)
        return checked


class RiskClassifier(ClassifierMixin, RiskEstimator):
    """A classifier of two classes that minimises a risk, for scikit-learn's pipelines and searches.

    A sample gets the label that makes its loss smaller.

    Parameters
    ----------
    risk : EmpiricalRisk, optional
        Its data are the features, in the order of the columns of X, and the label. When left out:
        the logistic loss of w1 x1 + w2 x2 + ... + b, for as many features as there are.
    method : rule, method or name, optional
        What `minimize` runs; when left out, what it chooses itself.
    target : str, optional
        The name of the data symbol that is the label; the last one when left out.
    constants : mapping of str to number, optional
        The numbers of the risk's constants, such as the weight of a penalty.
    start : n numbers, optional
        The first parameters; zeros when left out, at which a network would stay.
    max_steps, tolerance, backend
        As in `minimize`.

    Attributes
    ----------
    parameters_ : dict of str to float
        The fitted parameters under the risk's own names.
    trace_ : Trace
        The run; its `status` says whether it converged.
    classes_ : array, shape (2,)
    risk_ : EmpiricalRisk

    Raises
    ------
    TypeError, ValueError
        By `fit`: if there are not two classes, or X has other features than the risk.

    Examples
    --------
    >>> model = RiskClassifier().fit([[0.0], [1.0], [2.0], [3.0]], ["no", "yes", "no", "yes"])
    >>> model.predict([[0.0], [3.0]]), model.parameters_.keys()
    (array(['no', 'yes'], dtype='<U3'), dict_keys(['w1', 'b']))
    """

    _default = "logistic"

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that there are two classes."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X: Any, y: Any) -> Self:
        """Minimise the risk on samples X, shape (m, features), of classes y, shape (m,)."""
        x, labels = validate_data(self, X, y, dtype=float)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) != 2:
            _refuse_classes(labels, len(self.classes_))
        self._prepare(x.shape[1])
        own = label_set(self.risk_.loss, self._target)
        self._labels = np.array(own or WITHOUT_PROBABILITIES, dtype=float)
        self._has_probabilities = own is not None
        return self._minimize(self._bind(x, self._labels[codes]))

    def decision_function(self, X: Any) -> np.ndarray:
        """Return by how much the loss of the first class exceeds that of the second, shape (m,).

        Of a logistic loss this is the log-odds of the second class.
        """
        x = self._seen(X)
        first, second = (
            Samples(self._bind(x, np.full(len(x), label))).losses(self.trace_.x)
            for label in self._labels
        )
        return first - second

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each sample, shape (m,)."""
        decided = (self.decision_function(X) > 0).astype(int)
        chosen: np.ndarray = self.classes_[decided]
        return chosen

    def _is_logistic(self) -> bool:
        return getattr(self, "_has_probabilities", True)

    @available_if(_is_logistic)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, shape (m, 2); of a logistic loss alone."""
        size = self.decision_function(X)
        with np.errstate(over="ignore"):
            return np.column_stack([1 / (1 + np.exp(size)), 1 / (1 + np.exp(-size))])


class RiskRegressor(RegressorMixin, RiskEstimator):
    """A regressor that minimises a risk, for scikit-learn's pipelines and searches.

    It predicts the target at which the loss of a sample would be least: its residual's zero.

    Parameters
    ----------
    risk : EmpiricalRisk, optional
        Its data are the features, in the order of the columns of X, and the target. When left out:
        the squared loss of w1 x1 + w2 x2 + ... + b, for as many features as there are.
    method, target, constants, start, max_steps, tolerance, backend
        As in `RiskClassifier`.
    prediction : sympy.Expr, optional
        What is predicted, in parameters and features, where it does not follow from the loss:
        exp(z) for the Poisson loss exp(z) - y z.

    Attributes
    ----------
    parameters_, trace_, risk_
        As in `RiskClassifier`.
    prediction_ : sympy.Expr
        What is predicted.

    Raises
    ------
    TypeError, ValueError
        By `fit`: if X has other features than the risk, or nothing to predict follows from it.

    Examples
    --------
    >>> model = RiskRegressor().fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> model.predict([[10.0]]).round(6), model.prediction_
    (array([21.]), b + w1*x1)
    """

    _default = "squared"

    def __init__(
        self,
        risk: EmpiricalRisk | None = None,
        method: object = None,
        *,
        target: str | None = None,
        constants: Mapping[str, float] | None = None,
        start: Sequence[float] | None = None,
        max_steps: int = 1000,
        tolerance: float = 1e-8,
        backend: str = "interpreted",
        prediction: Any = None,
    ) -> None:
        super().__init__(
            risk,
            method,
            target=target,
            constants=constants,
            start=start,
            max_steps=max_steps,
            tolerance=tolerance,
            backend=backend,
        )
        self.prediction = prediction

    def fit(self, X: Any, y: Any) -> Self:
        """Minimise the risk on samples X, shape (m, features), of targets y, shape (m,)."""
        x, targets = validate_data(self, X, y, dtype=float, y_numeric=True)
        self._prepare(x.shape[1])
        bound = self._bind(x, np.asarray(targets, dtype=float))
        self.prediction_ = self._predicted(bound.risk)
        return self._minimize(bound)

    def _predicted(self, risk: EmpiricalRisk) -> Expr:
        """Return what is predicted, of a risk whose constants have their numbers."""
        if self.prediction is None:
            return best_target(risk, self._target)
        stated = as_scalar(self.prediction, "prediction")
        known = {*risk.parameters, *self._features}
        if unknown := sorted(each.name for each in stated.free_symbols - known):
            raise ValueError(f"prediction: {unknown[0]} is neither a parameter nor a feature.")
        return stated

    def predict(self, X: Any) -> np.ndarray:
        """Return the prediction for each sample, shape (m,)."""
        x = self._seen(X)
        evaluate = numpy_table((*self.risk_.parameters, *self._features), [self.prediction_])
        (found,) = evaluate(*self.trace_.x, *x.T)
        return np.broadcast_to(np.asarray(found, dtype=float), (len(x),))


def _refuse_classes(labels: np.ndarray, count: int) -> None:
    if count < 2:
        raise ValueError(f"y: expected two classes, got {count} class.")
    raise ValueError(
        "Only binary classification is supported. The type of the target is "
        f"{type_of_target(labels)}."
    )
