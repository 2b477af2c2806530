// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Plane shapes in many styles (flat, ruled, dotted, outlined, embossed), of any colour: something to pre-train on.
#include <algorithm>
#include <cmath>

#include "data/draw/classes.h"

namespace bakeoff::data::draw {
namespace {

// Signed distance to the outline, negative inside; about right is enough.
using Outline = std::function<float(float x, float y)>;

Figure Styled(Dice& dice, const Outline& outline) {
  const Color a = FromHsv(dice.In(0, 1), dice.In(0.2f, 1), dice.In(0.25f, 1)),
              b = FromHsv(dice.In(0, 1), dice.In(0, 1), dice.In(0.1f, 1));
  const int style = dice.Int(0, 4);
  const float angle = dice.In(0, kPi), dx = Cos(angle), dy = Sin(angle), period = dice.In(0.1f, 0.3f),
              rim = dice.In(0.08f, 0.16f);
  const uint32_t seed = dice.Seed();
  return {{0, 0, 1.5f, [=](float x, float y, Hit& hit) {
             const float d = outline(x, y);
             if (d > 0 || (style == 3 && d < -rim)) return false;
             hit.color = a;
             const float u = (dx * x + dy * y) / period, v = (dx * y - dy * x) / period;
             if (style == 1 && u - std::floor(u) < 0.45f) hit.color = b;
             if (style == 2) {
               const float ex = u - std::floor(u) - 0.5f, ey = v - std::floor(v) - 0.5f;
               if (ex * ex + ey * ey < 0.09f) hit.color = b;
             }
             if (style == 4) {
               // Embossed: the outline's gradient bends the normal near the rim.
               const float gx = (outline(x + 0.01f, y) - d) * 100, gy = (outline(x, y + 0.01f) - d) * 100,
                           slope = Bump(d / 0.22f);
               hit.normal = {gx * slope, gy * slope, 1};
               hit.color = a * (0.85f + 0.3f * Noise2(x * 4, y * 4, seed));
               hit.gloss = 0.4f;
             }
             return true;
           }}};
}

float Length(float x, float y) {
  return std::sqrt(x * x + y * y);
}

// Regular outline whose radius swings between `inner` and `outer` n times, with straight sides.
Outline Star(int n, float inner, float outer) {
  const float half = kPi / static_cast<float>(n);
  const float ax = outer, bx = inner * Cos(half), by = inner * Sin(half);
  const float nx = by, ny = ax - bx, scale = 1 / Length(nx, ny);
  return [=](float x, float y) {
    float angle = Atan2(x, -y);
    angle = std::fabs(angle - 2 * half * std::floor(angle / (2 * half) + 0.5f));
    const float d = Length(x, y), px = d * Cos(angle), py = d * Sin(angle);
    return ((px - ax) * nx + py * ny) * scale;
  };
}

float BoxDistance(float x, float y, float w, float h) {
  return std::max(std::fabs(x) - w, std::fabs(y) - h);
}

Figure Circle(Dice& dice) {
  return Styled(dice, [](float x, float y) { return Length(x, y) - 0.92f; });
}
Figure Ring(Dice& dice) {
  const float hole = dice.In(0.4f, 0.62f);
  return Styled(dice, [=](float x, float y) { return std::max(Length(x, y) - 0.95f, hole - Length(x, y)); });
}
Figure Square(Dice& dice) {
  return Styled(dice, [](float x, float y) { return BoxDistance(x, y, 0.76f, 0.76f); });
}
Figure Triangle(Dice& dice) {
  return Styled(dice, Star(3, 0.5f, 1.0f));
}
Figure Pentagon(Dice& dice) {
  return Styled(dice, Star(5, 0.97f * 0.809f, 0.97f));
}
Figure FiveStar(Dice& dice) {
  return Styled(dice, Star(5, dice.In(0.36f, 0.5f), 1.05f));
}
Figure Sun(Dice& dice) {
  return Styled(dice, Star(dice.Int(10, 14), dice.In(0.6f, 0.72f), 1.02f));
}
Figure Cross(Dice& dice) {
  const float arm = dice.In(0.22f, 0.36f);
  return Styled(
      dice, [=](float x, float y) { return std::min(BoxDistance(x, y, 0.95f, arm), BoxDistance(x, y, arm, 0.95f)); });
}
Figure Crescent(Dice& dice) {
  const float shift = dice.In(0.3f, 0.5f);
  return Styled(dice, [=](float x, float y) { return std::max(Length(x, y) - 0.95f, 0.85f - Length(x - shift, y)); });
}
Figure Heart(Dice& dice) {
  return Styled(dice, [](float x, float y) {
    const float ax = std::fabs(x);
    const float lobe = Length(ax - 0.45f, y + 0.35f) - 0.5f;
    // Below the lobes: between the tip (0, 1) and where a lobe's side turns.
    const float side = std::max((ax * 0.78f + (y - 0.98f) * 0.63f), -(y + 0.35f));
    return std::min(lobe, side);
  });
}
Figure Arrow(Dice& dice) {
  const float shaft = dice.In(0.16f, 0.28f);
  return Styled(dice, [=](float x, float y) {
    const float head = std::max(std::fabs(x) * 0.72f - (y + 1.0f) * 0.7f, y + 0.05f);
    return std::min(head, BoxDistance(x, y - 0.45f, shaft, 0.55f));
  });
}
Figure Bars(Dice& dice) {
  const float bar = dice.In(0.12f, 0.2f);
  return Styled(dice, [=](float x, float y) {
    const float third = std::min(std::fabs(y), std::fabs(std::fabs(y) - 0.62f));
    return std::max(std::fabs(x) - 0.9f, third - bar);
  });
}

}  // namespace

const std::vector<DrawnClass>& ShapeClasses() {
  static const std::vector<DrawnClass> kClasses = {
      {"arrow", 250, Arrow},   {"bars", 250, Bars},     {"circle", 250, Circle},     {"crescent", 250, Crescent},
      {"cross", 250, Cross},   {"heart", 250, Heart},   {"pentagon", 250, Pentagon}, {"ring", 250, Ring},
      {"square", 250, Square}, {"star", 250, FiveStar}, {"sun", 250, Sun},           {"triangle", 250, Triangle}};
  return kClasses;
}

}  // namespace bakeoff::data::draw
