// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The classes of the embedded data sets: a name, how many pictures, and what draws one figure.
#pragma once

#include <string_view>
#include <vector>

#include "data/draw/scene.h"

namespace bakeoff::data::draw {

struct DrawnClass {
  std::string_view name;
  int count;
  Figure (*make)(Dice& dice);
};

// 3,374 pictures in 10 classes, from 180 to 492 each.
const std::vector<DrawnClass>& FruitClasses();
// 3,000 pictures in 12 classes of 250.
const std::vector<DrawnClass>& ShapeClasses();

// Round fruits (fruits_round.cc) and the others (fruits_long.cc).
Figure Apple(Dice& dice);
Figure Orange(Dice& dice);
Figure Cherry(Dice& dice);
Figure Grapes(Dice& dice);
Figure Kiwi(Dice& dice);
Figure Banana(Dice& dice);
Figure Lemon(Dice& dice);
Figure Pear(Dice& dice);
Figure Strawberry(Dice& dice);
Figure Watermelon(Dice& dice);

}  // namespace bakeoff::data::draw
