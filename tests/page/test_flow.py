"""What the page says of weights and layers follows from how the network computes."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest

from tests.page.pages import page_text

WITHOUT_SLOPE = "4-3:relu-2:softmax"
DECAYING = "2-3-4-1,l2=0.01"


@cache
def facts(spec: str) -> dict:
    match = re.search(r'id="facts">(.*?)</script>', page_text(spec), re.DOTALL)
    assert match is not None
    return json.loads(match[1])


def said_of(spec: str, point: str, language: str = "en") -> str:
    return facts(spec)["points"][point]["text"][language]


def step(spec: str, name: str, language: str = "en") -> str:
    (found,) = (each for each in facts(spec)["steps"] if each["name"] == name)
    return found["text"][language]


def test_a_shared_weight_has_a_term_of_each_layer():
    assert said_of("ranking", "W_h[2,1]").startswith("2 layers share it, and each adds a term")
    assert said_of("ranking", "b_h[2]").count("2 layers share it") == 1
    assert "2 layers share these parameters" in step("ranking", "gradients:h")
    assert said_of("ranking", "W_h[2,1]", "zh").startswith("有 2 个层共用它")
    assert "share" not in said_of("2-3-3-1", "W1[2,1]") + step("2-3-3-1", "gradients:1")


def test_decay_adds_a_term_to_weights_but_not_to_biases():
    assert "weight decay" in said_of(DECAYING, "W1[2,1]")
    assert "decay" not in said_of(DECAYING, "b1[2]")
    assert "the decay adds" in step(DECAYING, "gradients:1")
    assert "weight decay" in step(DECAYING, "cost")
    assert "权重衰减" in said_of(DECAYING, "W1[2,1]", "zh")
    assert "decay" not in said_of("2-3-3-1", "W1[2,1]") + step("2-3-3-1", "cost")


def test_a_softmax_has_no_slope():
    assert "slope" not in step(WITHOUT_SLOPE, "deltas:2")
    assert "over the row" in step(WITHOUT_SLOPE, "deltas:2")
    assert "output minus target" in step(WITHOUT_SLOPE, "deltas:2")
    assert "slope of the activation" in step(WITHOUT_SLOPE, "deltas:1")
    other = "4-3:prelu-2:softmax,loss=half_squared_error"
    assert "over the row" in step(other, "deltas:2")
    assert "output minus target" not in step(other, "deltas:2")


def test_layers_without_activation_or_weights_are_told_as_such():
    assert "slope" not in step("residual", "deltas:s")
    assert "slope of the activation" in step("residual", "deltas:h2")
    assert "along the weights" not in step("residual", "deltas:h2")
    assert "equations of this layer" in step("residual", "deltas:ln")
    assert "slope" not in step("residual", "deltas:ln")
    assert "along the weights" in step("residual", "deltas:ln")


def test_inputs_are_multiplied_only_where_they_are():
    assert "multiplies" in said_of("joined", "v.1")
    assert "multiplies" not in said_of("joined", "u.1")


def test_a_loss_without_target_compares_with_none():
    assert "targets" not in said_of("ranking", "C") + step("ranking", "cost")
    assert "targets" in said_of("2-3-3-1", "C")


def test_layers_that_are_not_drawn_are_readers_too():
    deep = "-".join(["2"] * 12)
    steps = [each for each in facts(deep)["steps"] if each["phase"] == "deltas"]
    assert [each["text"]["en"].startswith("How the cost") for each in steps] == [
        True,
        *[False] * (len(steps) - 1),
    ]


@pytest.mark.parametrize("spec", ["ranking", "residual", DECAYING])
def test_both_languages_say_something(spec):
    for each in (*facts(spec)["points"].values(), *facts(spec)["steps"]):
        assert all(each["text"].values())
