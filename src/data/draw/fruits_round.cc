// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Fruits made of balls and discs: apple, orange, cherry, grapes, kiwi.
#include <algorithm>
#include <cmath>

#include "data/draw/classes.h"

namespace bakeoff::data::draw {
namespace {

constexpr Color kStem = {0.36f, 0.25f, 0.14f};

Color LeafGreen(Dice& dice) {
  return Pick(dice, {{0.18f, 0.42f, 0.12f}, {0.3f, 0.5f, 0.15f}, {0.12f, 0.33f, 0.14f}}, 0.05f);
}

// Peel with pores: small dents in the normal.
void Pores(float u, float v, float depth, uint32_t seed, Hit& hit) {
  hit.normal.x += depth * (Noise(u * 26, v * 26, seed) - 0.5f);
  hit.normal.y += depth * (Noise(u * 26, v * 26, seed + 1) - 0.5f);
}

Part OrangeHalf(Dice& dice, Color peel) {
  const int wedges = dice.Int(8, 11);
  const Color flesh = Mix(peel, {1.0f, 0.62f, 0.15f}, 0.5f), pith = {0.97f, 0.9f, 0.72f};
  const uint32_t seed = dice.Seed();
  const float turn = dice.In(0, 6);
  return Disc(0, 0, 0.95f, 1, [=](float u, float v, float d, Hit& hit) {
    const float angle = (Atan2(v, u) / (2 * kPi) + 0.5f) * static_cast<float>(wedges) + turn;
    const float side = std::fabs(angle - std::floor(angle) - 0.5f) * 2;  // 0 in the middle of a wedge, 1 at a wall
    const float wall = std::max(Step(0.9f, 0.97f, d), std::max(Step(0.87f, 0.97f, side), 1 - Step(0.07f, 0.13f, d)));
    const float grain = Noise(angle * 5, d * 5, seed);
    hit.color = d > 0.93f ? peel : Mix(flesh * (0.82f + 0.3f * grain), pith, wall * (d > 0.93f ? 0 : 1));
    hit.gloss = 0.15f;
  });
}

}  // namespace

Figure Apple(Dice& dice) {
  Figure figure;
  const Color skin = Pick(
      dice,
      {{0.75f, 0.08f, 0.1f}, {0.55f, 0.05f, 0.12f}, {0.5f, 0.68f, 0.15f}, {0.88f, 0.75f, 0.2f}, {0.85f, 0.35f, 0.25f}},
      0.06f);
  const Color blush = Pick(dice, {{0.8f, 0.15f, 0.12f}, {0.9f, 0.7f, 0.3f}, {0.65f, 0.72f, 0.25f}}, 0.08f);
  const float lean = dice.In(-0.2f, 0.2f), blend = dice.In(0, 0.8f), notch = dice.In(0.2f, 0.3f),
              taper = dice.In(0.05f, 0.16f);
  const uint32_t seed = dice.Seed();
  if (dice.Chance(0.85f)) figure.push_back(Stick(0, -0.55f, lean, -1.05f, 0.035f, 0.055f, kStem));
  if (dice.Chance(0.4f))
    figure.push_back(Leaf(lean * 0.4f, -0.75f, dice.In(-0.9f, 0.1f), dice.In(0.45f, 0.65f), 0.14f, LeafGreen(dice)));
  figure.push_back({0, 0, 1.1f, [=](float x, float y, Hit& hit) {
                      const float t = std::fabs(Atan2(x, -y));
                      // Two lobes above a dimple, narrower below, with a small dent at the bottom.
                      const float reach = 0.93f - notch * Bump(t / 0.62f) + 0.05f * Sin(t) -
                                          taper * Step(1.6f, 2.9f, t) - 0.06f * Bump((kPi - t) / 0.35f);
                      const float d = std::sqrt(x * x + y * y) / reach;
                      if (d > 1) return false;
                      const float z = std::sqrt(1 - d * d);
                      hit.normal = {x / reach, y / reach, z};
                      const float dx = x / 0.5f, dy = (y + 0.62f) / 0.2f, bowl = Bump(std::sqrt(dx * dx + dy * dy));
                      hit.normal.y += bowl * 0.9f;
                      const float streak =
                          Noise(Atan2(x, y + 1.6f) * 16, y * 1.5f, seed) * 0.6f + Noise2(x * 2, y * 2, seed + 3) * 0.6f;
                      hit.color = Mix(skin, blush, Saturate(blend * 1.6f * (streak - 0.25f)));
                      if (Noise(x * 24, y * 24, seed + 9) > 0.88f)
                        hit.color = Mix(hit.color, {0.95f, 0.9f, 0.7f}, 0.35f);
                      hit.color = Mix(hit.color, {0.45f, 0.35f, 0.15f}, 0.6f * bowl * bowl);
                      hit.gloss = 0.4f;
                      return true;
                    }});
  return figure;
}

Figure Orange(Dice& dice) {
  const Color peel =
      Pick(dice, {{0.95f, 0.52f, 0.08f}, {0.92f, 0.42f, 0.06f}, {0.9f, 0.62f, 0.15f}, {0.72f, 0.6f, 0.15f}}, 0.05f);
  if (dice.Chance(0.3f)) return {OrangeHalf(dice, peel)};
  Figure figure;
  const float nx = dice.In(-0.5f, 0.5f), ny = dice.In(-0.6f, 0.3f), flat = dice.In(0.92f, 1);
  const uint32_t seed = dice.Seed();
  if (dice.Chance(0.25f)) figure.push_back(Leaf(nx * 0.9f, ny * 0.9f, dice.In(-3, 0), 0.6f, 0.16f, LeafGreen(dice)));
  figure.push_back(Ball(0, 0, 0.95f, 0.95f * flat, [=](float u, float v, float z, Hit& hit) {
    Pores(u, v, 0.5f, seed, hit);
    hit.color = peel * (0.9f + 0.2f * Noise2(u * 3, v * 3, seed + 5));
    const float ex = u - nx, ey = v - ny, d = std::sqrt(ex * ex + ey * ey),
                star = 0.09f + 0.04f * Sin(Atan2(ey, ex) * 5);
    hit.color = Mix(hit.color, {0.35f, 0.38f, 0.12f}, d < star ? 0.8f : 0);
    hit.normal.x -= 1.2f * ex * Bump(d / 0.3f), hit.normal.y -= 1.2f * ey * Bump(d / 0.3f);
    hit.gloss = 0.25f * z;
  }));
  return figure;
}

Figure Cherry(Dice& dice) {
  Figure figure;
  const Color skin =
      Pick(dice, {{0.6f, 0.03f, 0.08f}, {0.35f, 0.02f, 0.08f}, {0.8f, 0.1f, 0.1f}, {0.9f, 0.65f, 0.25f}}, 0.05f);
  const Color stem = Pick(dice, {{0.4f, 0.5f, 0.15f}, {0.45f, 0.35f, 0.15f}}, 0.05f);
  const int count = dice.Chance(0.2f) ? 1 : dice.Chance(0.25f) ? 3 : 2;
  const float top_x = dice.In(-0.15f, 0.15f), top_y = -0.95f;
  if (dice.Chance(0.45f)) figure.push_back(Leaf(top_x, top_y, dice.In(-0.2f, 0.8f), 0.8f, 0.2f, LeafGreen(dice)));
  figure.push_back(Ball(top_x, top_y, 0.07f, 0.06f, [=](float, float, float, Hit& hit) { hit.color = kStem; }));
  for (int i = 0; i < count; ++i) {
    const float along = count == 1 ? 0 : 2.0f * static_cast<float>(i) / static_cast<float>(count - 1) - 1;
    const float radius = dice.In(0.36f, 0.44f) * (count == 3 ? 0.85f : 1);
    const float x = along * dice.In(0.45f, 0.58f) + dice.In(-0.04f, 0.04f), y = dice.In(0.35f, 0.6f);
    // The stem bends: three pieces of a parabola between the joint and the dimple.
    float px = top_x, py = top_y;
    const float bend_x = top_x + (x - top_x) * 0.25f, bend_y = Mix(top_y, y - radius, 0.5f);
    for (int k = 1; k <= 4; ++k) {
      const float t = static_cast<float>(k) / 4, s = 1 - t;
      const float qx = s * s * top_x + 2 * s * t * bend_x + t * t * x,
                  qy = s * s * top_y + 2 * s * t * bend_y + t * t * (y - radius * 0.8f);
      figure.push_back(Stick(px, py, qx, qy, 0.035f, 0.03f, stem));
      px = qx, py = qy;
    }
    figure.push_back(Ball(x, y, radius, radius * 0.96f, [=](float u, float v, float, Hit& hit) {
      const float ex = u / 0.5f, ey = (v + 0.85f) / 0.3f, bowl = Bump(std::sqrt(ex * ex + ey * ey));
      hit.color = Mix(skin, skin * 0.5f, bowl);
      hit.normal.y += 0.8f * bowl;
      hit.gloss = 0.85f;
    }));
  }
  return figure;
}

Figure Grapes(Dice& dice) {
  Figure figure;
  const Color skin = Pick(
      dice,
      {{0.32f, 0.12f, 0.38f}, {0.2f, 0.1f, 0.3f}, {0.6f, 0.7f, 0.28f}, {0.55f, 0.15f, 0.22f}, {0.75f, 0.72f, 0.35f}},
      0.05f);
  const int widest = dice.Int(3, 4);
  const float radius = (widest == 3 ? 0.29f : 0.235f) * dice.In(0.95f, 1.05f), bloom = dice.In(0, 0.35f);
  const uint32_t seed = dice.Seed();
  if (dice.Chance(0.5f))
    figure.push_back(
        Leaf(0, -0.85f, dice.In(-0.5f, 0.5f) + (dice.Chance(0.5f) ? kPi : 0), 0.8f, 0.3f, LeafGreen(dice)));
  std::vector<Part> berries;
  // Rows get shorter towards the tip; every second row is shifted by half a berry.
  for (int row = 0, n = widest; n >= 1; ++row) {
    for (int i = 0; i < n; ++i) {
      const float x = (static_cast<float>(i) - static_cast<float>(n - 1) / 2) * radius * 1.75f + dice.In(-0.05f, 0.05f);
      const float y = -0.62f + static_cast<float>(row) * radius * 1.35f + dice.In(-0.05f, 0.05f);
      const float r = radius * dice.In(0.92f, 1.08f), shade = dice.In(0.8f, 1.2f), long_ = dice.In(1, 1.12f);
      berries.push_back(Ball(x, y, r, r * long_, [=](float u, float v, float, Hit& hit) {
        hit.color = Mix(skin * shade, {0.75f, 0.75f, 0.85f}, bloom * Noise2(u * 2 + x * 9, v * 2 + y * 9, seed));
        hit.gloss = 0.55f;
      }));
    }
    if (row == 0 || dice.Chance(0.72f)) --n;
    if (row > 5) break;
  }
  // Lower berries hang in front, in a random order within reach of each other.
  for (size_t i = berries.size(); i-- > 0;) figure.push_back(berries[i]);
  figure.push_back(
      Stick(0, -0.6f, dice.In(-0.15f, 0.15f), -1.05f, 0.045f, 0.06f, Pick(dice, {{0.45f, 0.5f, 0.2f}, kStem}, 0.04f)));
  return figure;
}

Figure Kiwi(Dice& dice) {
  const Color fur = Pick(dice, {{0.43f, 0.32f, 0.17f}, {0.5f, 0.4f, 0.22f}}, 0.05f);
  const uint32_t seed = dice.Seed();
  if (dice.Chance(0.25f)) {
    return {Ball(0, 0, 0.74f, 0.95f, [=](float u, float v, float, Hit& hit) {
      const float hair = Noise(u * 40 + v * 6, v * 9, seed);
      hit.color = fur * (0.65f + 0.6f * hair);
      hit.normal.x += 0.5f * (hair - 0.5f);
      const float ex = u / 0.3f, ey = (std::fabs(v) - 0.95f) / 0.12f;
      hit.color = Mix(hit.color, {0.2f, 0.14f, 0.08f}, Bump(std::sqrt(ex * ex + ey * ey)));
    })};
  }
  const Color flesh = Pick(dice, {{0.5f, 0.68f, 0.15f}, {0.4f, 0.6f, 0.12f}, {0.85f, 0.75f, 0.2f}}, 0.05f);
  const Color core = Mix(flesh, {0.95f, 0.95f, 0.8f}, 0.8f);
  const float core_size = dice.In(0.2f, 0.3f), turn = dice.In(0, 1);
  const int seeds = dice.Int(22, 32);
  return {Disc(0, 0, 0.95f, dice.In(0.85f, 1), [=](float u, float v, float d, Hit& hit) {
    const float circle = Atan2(v, u) / (2 * kPi) + 0.5f + turn;
    const float ray = Noise(circle * 60, 0.5f, seed);
    hit.color = Mix(flesh * 0.8f, flesh * 1.15f, ray);
    hit.color = Mix(hit.color, core, 0.45f * Bump((d - core_size) / 0.35f) * ray);
    if (d < core_size) hit.color = core;
    const float cell = circle * static_cast<float>(seeds), id = std::floor(cell);
    const float ring = core_size + 0.1f + 0.16f * Lattice(static_cast<int>(id) % seeds, 3, seed);
    const float ex = (cell - id - 0.5f) * 2 * kPi * d / static_cast<float>(seeds) / 0.028f, ey = (d - ring) / 0.055f;
    if (ex * ex + ey * ey < 1) hit.color = {0.06f, 0.05f, 0.05f};
    if (d > 0.93f) hit.color = fur;
    hit.gloss = 0.25f;
  })};
}

}  // namespace bakeoff::data::draw
