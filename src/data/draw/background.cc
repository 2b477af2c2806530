// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What stands behind the figures: plain, wood, cloth, blotches, a table with a wall, lights out of focus. Of any
// colour.
#include <cmath>
#include <vector>

#include "data/draw/scene.h"

namespace bakeoff::data::draw {
namespace {

using Background = std::function<Color(float x, float y)>;

Color AnyColor(Dice& dice) {
  return FromHsv(dice.In(0, 1), dice.In(0, 0.75f), dice.In(0.15f, 0.95f));
}

// A colour not far from another one.
Color Beside(Dice& dice, Color c, float spread) {
  return Pick(dice, {c}, spread);
}

Background Gradient(Dice& dice) {
  const Color a = AnyColor(dice), b = Beside(dice, a, 0.25f);
  const float angle = dice.In(0, 2 * kPi), dx = Cos(angle), dy = Sin(angle);
  return [=](float x, float y) { return Mix(a, b, Saturate(0.5f + 0.4f * (dx * (x - 0.65f) + dy * (y - 0.65f)))); };
}

Background Wood(Dice& dice, float clutter) {
  const Color a = dice.Chance(0.6f)
                      ? Pick(dice, {{0.5f, 0.33f, 0.2f}, {0.7f, 0.55f, 0.38f}, {0.3f, 0.2f, 0.13f}}, 0.08f)
                      : AnyColor(dice);
  const Color b = a * dice.In(0.55f, 0.8f);
  const float angle = dice.In(0, kPi), dx = Cos(angle), dy = Sin(angle), fine = dice.In(12, 30);
  const uint32_t seed = dice.Seed();
  return [=](float x, float y) {
    const float u = dx * x + dy * y, v = dx * y - dy * x;
    const float ring = Noise2(u * 1.2f, v * fine, seed);
    return Mix(a, b, Saturate(ring * (0.6f + 0.7f * clutter)));
  };
}

Background Cloth(Dice& dice, float clutter) {
  const Color a = AnyColor(dice), b = Mix(a, AnyColor(dice), 0.3f + 0.5f * clutter);
  const float angle = dice.In(0, kPi / 2), dx = Cos(angle), dy = Sin(angle), period = dice.In(0.1f, 0.4f);
  const bool stripes = dice.Chance(0.4f);
  return [=](float x, float y) {
    const float u = (dx * x + dy * y) / period, v = (dx * y - dy * x) / period;
    const float su = Step(-0.15f, 0.15f, Sin(u * 2 * kPi)), sv = stripes ? 0.5f : Step(-0.15f, 0.15f, Sin(v * 2 * kPi));
    return Mix(a, b, (su + sv) / 2);
  };
}

Background Blotches(Dice& dice, float clutter) {
  const Color a = AnyColor(dice), b = Mix(a, AnyColor(dice), 0.25f + 0.6f * clutter);
  const float size = dice.In(2, 14);
  const uint32_t seed = dice.Seed();
  return [=](float x, float y) { return Mix(a, b, Step(0.25f, 0.75f, Noise2(x * size, y * size, seed))); };
}

Background Table(Dice& dice, float clutter) {
  const Background wall = Gradient(dice),
                   table = dice.Chance(0.5f) ? Wood(dice, clutter) : Blotches(dice, clutter * 0.5f);
  const float horizon = dice.In(0.2f, 0.75f), slope = dice.In(-0.15f, 0.15f);
  return [=](float x, float y) { return y < horizon + slope * x ? wall(x, y) : table(x, y); };
}

Background Lights(Dice& dice, float clutter) {
  struct Spot {
    float x, y, radius;
    Color color;
  };
  const Background base = Gradient(dice);
  std::vector<Spot> spots;
  const int count = dice.Int(3, 4 + static_cast<int>(14 * clutter));
  for (int i = 0; i < count; ++i)
    spots.push_back({dice.In(0, 1.5f), dice.In(0, 1.5f), dice.In(0.06f, 0.3f), AnyColor(dice)});
  return [=](float x, float y) {
    Color c = base(x, y);
    for (const Spot& spot : spots) {
      const float ex = x - spot.x, ey = y - spot.y, d = std::sqrt(ex * ex + ey * ey) / spot.radius;
      if (d < 1) c = Mix(c, spot.color, 0.55f * (1 - Step(0.8f, 1, d)));
    }
    return c;
  };
}

}  // namespace

Background MakeBackground(Dice& dice, float clutter) {
  switch (dice.Int(0, 5)) {
    case 0:
      return Gradient(dice);
    case 1:
      return Wood(dice, clutter);
    case 2:
      return Cloth(dice, clutter);
    case 3:
      return Blotches(dice, clutter);
    case 4:
      return Table(dice, clutter);
    default:
      return Lights(dice, clutter);
  }
}

}  // namespace bakeoff::data::draw
