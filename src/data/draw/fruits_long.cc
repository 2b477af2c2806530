// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Fruits made of turned bodies, arcs and wedges: banana, lemon, pear, strawberry, watermelon; and the list of all.
#include <algorithm>
#include <cmath>

#include "data/draw/classes.h"

namespace bakeoff::data::draw {
namespace {

// An arc of a circle whose thickness falls towards both ends. `at` is the centre of the circle, below.
Part BananaFinger(float cx, float cy, float radius, float span, float thick, Color skin, Color tip, float spots,
                  uint32_t seed) {
  return {cx, cy - radius, radius * span + thick + 0.3f, [=](float x, float y, Hit& hit) {
            const float ex = x - cx, ey = cy - y;
            const float along = Atan2(ex, ey) / span;  // -1 .. 1
            if (along < -1.18f || along > 1.05f) return false;
            const float off = std::sqrt(ex * ex + ey * ey) - radius;
            // The body, then the neck on the stem's side.
            const float a = std::fabs(along), body = a < 1 ? std::sqrt(1 - a * a * a * a) : 0;
            const float neck = along < -0.8f ? 0.3f : along > 0.97f ? 0.22f : 0;
            const float half = thick * std::max(body, neck);
            if (half <= 0 || std::fabs(off) > half) return false;
            float v = -off / half;  // 1 inside the bend
            const float z = std::sqrt(std::max(0.0f, 1 - v * v));
            // Three faces with soft edges instead of a round back.
            const float face = v < -0.25f ? -0.75f : v < 0.45f ? 0.05f : 0.8f;
            v = Mix(v, face, 0.65f);
            const float s = Sin(along * span), c = Cos(along * span);
            hit.normal = {-s * v + 0.3f * along * z, c * v, std::max(z, 0.35f)};
            const float blot = Noise2(along * 7, off * 14, seed);
            hit.color = Mix(skin, {0.3f, 0.2f, 0.08f}, spots * Step(0.62f, 0.75f, blot));
            const float edge = std::min(std::fabs(v + 0.25f), std::fabs(v - 0.45f));
            hit.color = Mix(hit.color, skin * 0.75f, 0.4f * Bump(edge / 0.12f));
            hit.color = Mix(hit.color, tip, std::max(Step(0.86f, 1.0f, along), Step(0.95f, 1.12f, -along)));
            hit.gloss = 0.15f;
            return true;
          }};
}

Figure WatermelonSlice(Dice& dice) {
  const Color flesh = Pick(dice, {{0.88f, 0.2f, 0.22f}, {0.9f, 0.35f, 0.32f}, {0.92f, 0.75f, 0.25f}}, 0.05f);
  const Color rind = Pick(dice, {{0.1f, 0.3f, 0.1f}, {0.2f, 0.42f, 0.15f}}, 0.04f), pale = {0.85f, 0.92f, 0.7f};
  const float open = dice.In(0.55f, 1.5f), seeds = dice.In(0.45f, 0.75f);
  const uint32_t seed = dice.Seed();
  // The wedge's tip points up; the rind is the arc below.
  const float top = open > 1.1f ? -0.5f : -0.95f, radius = open > 1.1f ? 1.25f : 1.85f;
  return {{0, 0, 1.5f, [=](float x, float y, Hit& hit) {
             const float ey = y - top, angle = Atan2(x, ey), d = std::sqrt(x * x + ey * ey) / radius;
             if (std::fabs(angle) > open * (open > 1.1f ? 1 : 0.75f) || d > 1) return false;
             hit.normal = {0.1f * x, 0.1f * y, 1};
             hit.color = flesh * (0.85f + 0.25f * Noise2(x * 9, ey * 9, seed));
             const float cx = x * 4.2f + 0.5f * std::floor(ey * 4), cy = ey * 4;
             const int ix = static_cast<int>(std::floor(cx)), iy = static_cast<int>(std::floor(cy));
             const float sx = (cx - static_cast<float>(ix) - 0.3f - 0.4f * Lattice(ix, iy, seed)) / 0.17f;
             const float sy = (cy - static_cast<float>(iy) - 0.35f - 0.3f * Lattice(ix, iy, seed + 1)) / 0.26f;
             if (d < 0.82f && Lattice(ix, iy, seed + 2) < seeds && sx * sx + sy * sy < 1) {
               hit.color = {0.07f, 0.05f, 0.04f};
               hit.gloss = 0.5f;
             }
             hit.color = Mix(hit.color, pale, Step(0.84f, 0.88f, d));
             if (d > 0.93f) hit.color = Mix(rind * 1.6f, rind, Step(0.93f, 0.95f, d));
             return true;
           }}};
}

Figure WholeWatermelon(Dice& dice) {
  const Color light = Pick(dice, {{0.5f, 0.65f, 0.3f}, {0.62f, 0.72f, 0.42f}}, 0.05f),
              dark = Pick(dice, {{0.08f, 0.25f, 0.1f}, {0.15f, 0.32f, 0.12f}}, 0.03f);
  const int stripes = dice.Int(7, 10);
  const uint32_t seed = dice.Seed();
  return {Ball(0, 0, 0.98f, dice.In(0.72f, 0.95f), [=](float u, float v, float z, Hit& hit) {
    // Stripes run along the long axis: lines of equal angle around it.
    const float angle = Atan2(v, z) / kPi + 0.07f * (Noise(u * 7, v * 7, seed) - 0.5f);
    hit.color = Mix(light, dark, Step(-0.1f, 0.25f, Sin(angle * static_cast<float>(stripes) * kPi)));
    hit.color = hit.color * (0.9f + 0.2f * Noise2(u * 12, v * 12, seed + 2));
    hit.gloss = 0.3f;
  })};
}

}  // namespace

Figure Banana(Dice& dice) {
  const Color skin = Pick(
      dice, {{0.93f, 0.8f, 0.2f}, {0.88f, 0.7f, 0.15f}, {0.6f, 0.7f, 0.2f}, {0.75f, 0.55f, 0.2f}, {0.7f, 0.3f, 0.22f}},
      0.05f);
  const Color tip = {0.25f, 0.19f, 0.1f};
  const float radius = dice.In(0.8f, 1.25f), span = 0.98f / radius, thick = dice.In(0.2f, 0.29f),
              spots = dice.Chance(0.5f) ? dice.In(0.2f, 0.8f) : 0;
  const int more = dice.Chance(0.35f) ? dice.Int(1, 2) : 0;
  const float lift = radius - 0.35f + 0.14f * static_cast<float>(more);
  Figure figure = {BananaFinger(0, lift, radius, span, thick, skin, tip, spots, dice.Seed())};
  for (int i = 1; i <= more; ++i) {
    const float step = static_cast<float>(i);
    figure.push_back(BananaFinger(0.05f * step, lift - 0.27f * step, radius * (1 + 0.06f * step), span, thick,
                                  skin * (1 - 0.07f * step), tip, spots, dice.Seed()));
  }
  return figure;
}

Figure Lemon(Dice& dice) {
  const Color peel =
      Pick(dice, {{0.95f, 0.85f, 0.2f}, {0.9f, 0.78f, 0.15f}, {0.75f, 0.8f, 0.25f}, {0.5f, 0.66f, 0.2f}}, 0.05f);
  const float wide = dice.In(0.6f, 0.7f), end_a = dice.In(0.13f, 0.2f), end_b = dice.In(0.1f, 0.2f);
  const uint32_t seed = dice.Seed();
  const auto width = [=](float y) {
    const float q = 1 - y * y / (0.86f * 0.86f), body = q > 0 ? wide * std::sqrt(q) : 0;
    // A small blunt cone at each end, run into the body.
    const float end = y < 0 ? end_a : end_b,
                cone = end * Saturate((1.02f - std::fabs(y)) / 0.16f) * Step(0.3f, 0.8f, std::fabs(y));
    return std::sqrt(body * body + cone * std::sqrt(cone * end));
  };
  Figure figure;
  if (dice.Chance(0.3f))
    figure.push_back(Leaf(0, -0.95f, dice.In(-0.5f, 0.9f), 0.65f, 0.17f, Pick(dice, {{0.2f, 0.45f, 0.15f}}, 0.06f)));
  figure.push_back(Turned(-1.02f, 1.02f, width, [=](float u, float y, float z, Hit& hit) {
    hit.normal.x += 0.3f * (Noise(u * 16, y * 22, seed) - 0.5f);
    hit.normal.y += 0.3f * (Noise(u * 16, y * 22, seed + 1) - 0.5f);
    hit.color = peel * (0.9f + 0.2f * Noise2(u * 3, y * 3, seed + 5));
    hit.color = Mix(hit.color, {0.45f, 0.5f, 0.15f}, 0.5f * Step(0.85f, 1.0f, std::fabs(y)));
    hit.gloss = 0.3f * z;
  }));
  return figure;
}

Figure Pear(Dice& dice) {
  const Color skin = Pick(
      dice,
      {{0.7f, 0.75f, 0.25f}, {0.85f, 0.75f, 0.3f}, {0.6f, 0.42f, 0.2f}, {0.55f, 0.65f, 0.2f}, {0.6f, 0.18f, 0.15f}},
      0.05f);
  const Color blush = Pick(dice, {{0.8f, 0.35f, 0.2f}, {0.65f, 0.5f, 0.2f}}, 0.06f);
  const float neck = dice.In(0.36f, 0.46f), belly = dice.In(0.72f, 0.8f), bend = dice.In(-0.1f, 0.1f),
              blend = dice.In(0, 0.8f);
  const uint32_t seed = dice.Seed();
  const auto width = [=](float y) {
    const float envelope = std::sqrt(std::max(0.0f, 1 - y * y)) * 1.08f;
    return envelope * Mix(neck, belly, Step(-0.75f, 0.5f, y));
  };
  Figure figure;
  figure.push_back(Stick(0, -0.9f, bend * 2, -1.25f, 0.04f, 0.05f, {0.33f, 0.23f, 0.13f}));
  if (dice.Chance(0.35f))
    figure.push_back(
        Leaf(bend, -1.05f, dice.In(-0.6f, 0.6f), 0.55f, 0.15f, Pick(dice, {{0.22f, 0.45f, 0.14f}}, 0.06f)));
  figure.push_back(Turned(-1, 1, width, [=](float u, float y, float z, Hit& hit) {
    hit.color = Mix(skin, blush, Saturate(blend * (0.9f * u + Noise2(u * 2, y * 2, seed) - 0.3f)));
    if (Noise(u * 22 / (0.6f + z), y * 26, seed + 4) > 0.8f) hit.color = Mix(hit.color, {0.4f, 0.28f, 0.12f}, 0.45f);
    hit.gloss = 0.2f;
  }));
  return figure;
}

Figure Strawberry(Dice& dice) {
  const Color skin =
      Pick(dice, {{0.82f, 0.08f, 0.1f}, {0.7f, 0.05f, 0.08f}, {0.9f, 0.3f, 0.25f}, {0.93f, 0.75f, 0.68f}}, 0.04f);
  const Color seed_color = Pick(dice, {{0.92f, 0.8f, 0.35f}, {0.85f, 0.65f, 0.25f}, {0.75f, 0.25f, 0.12f}}, 0.04f);
  const Color green = Pick(dice, {{0.25f, 0.5f, 0.15f}, {0.35f, 0.58f, 0.2f}}, 0.05f);
  const float wide = dice.In(0.8f, 0.95f), point = dice.In(0.1f, 0.5f), rows = dice.In(5.5f, 7.5f),
              columns = dice.In(2.6f, 3.3f);
  Figure figure;
  const int leaves = dice.Int(5, 8);
  if (dice.Chance(0.7f)) figure.push_back(Stick(0, -0.65f, dice.In(-0.2f, 0.2f), -1.05f, 0.04f, 0.05f, green));
  for (int i = 0; i < leaves; ++i) {
    const float angle =
        -0.35f + (kPi + 0.7f) * static_cast<float>(i) / static_cast<float>(leaves - 1) + dice.In(-0.15f, 0.15f);
    figure.push_back(Leaf(0, -0.68f, angle, dice.In(0.4f, 0.6f), 0.13f, green * dice.In(0.85f, 1.15f)));
  }
  const auto width = [=](float y) {
    const float t = (y + 0.72f) / 1.7f;
    if (t <= 0 || t >= 1) return 0.0f;
    return wide * std::sqrt(Saturate(t * 5)) * Mix(1.0f, 0.75f, Saturate(t * 5)) * std::sqrt(1 - t * t) *
           (1.25f - point * t);
  };
  figure.push_back(Turned(-0.72f, 0.98f, width, [=](float u, float y, float z, Hit& hit) {
    const float row = y * rows, around = Atan2(u, z) * columns + 0.5f * (std::floor(row) - 2 * std::floor(row / 2));
    const float ex = (around - std::floor(around) - 0.5f) / 0.5f, ey = (row - std::floor(row) - 0.5f) / 0.5f;
    const float d = std::sqrt(ex * ex + ey * ey);
    hit.color = Mix(skin, {0.95f, 0.85f, 0.75f}, 0.5f * Step(-0.45f, -0.72f, y) + 0.12f * Step(0.5f, 0.9f, d));
    // Each seed sits in a dent.
    hit.normal.x -= 0.5f * ex * Bump(d / 0.8f), hit.normal.y -= 0.5f * ey * Bump(d / 0.8f);
    hit.gloss = 0.45f;
    if (ex * ex / 0.05f + ey * ey / 0.13f < 1) hit.color = seed_color, hit.gloss = 0;
  }));
  return figure;
}

Figure Watermelon(Dice& dice) {
  return dice.Chance(0.65f) ? WatermelonSlice(dice) : WholeWatermelon(dice);
}

const std::vector<DrawnClass>& FruitClasses() {
  static const std::vector<DrawnClass> kClasses = {
      {"apple", 492, Apple},          {"banana", 432, Banana}, {"cherry", 180, Cherry},
      {"grapes", 318, Grapes},        {"kiwi", 246, Kiwi},     {"lemon", 350, Lemon},
      {"orange", 466, Orange},        {"pear", 410, Pear},     {"strawberry", 290, Strawberry},
      {"watermelon", 190, Watermelon}};
  return kClasses;
}

}  // namespace bakeoff::data::draw
