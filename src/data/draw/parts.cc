// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The parts that figures are put together from.
#include <algorithm>
#include <array>
#include <cmath>

#include "data/draw/scene.h"

namespace bakeoff::data::draw {

Part Ball(float x, float y, float rx, float ry, const Paint& paint) {
  return {x, y, std::max(rx, ry), [=](float px, float py, Hit& hit) {
            const float u = (px - x) / rx, v = (py - y) / ry, d = u * u + v * v;
            if (d > 1) return false;
            const float z = std::sqrt(1 - d);
            hit.normal = {u, v, z};
            paint(u, v, z, hit);
            return true;
          }};
}

Part Turned(float top, float bottom, const std::function<float(float)>& width, const Paint& paint) {
  constexpr int kSteps = 96;
  struct Profile {
    std::array<float, kSteps + 1> w;
  };
  Profile profile;
  float widest = 0;
  for (int i = 0; i <= kSteps; ++i) {
    profile.w[static_cast<size_t>(i)] = width(top + (bottom - top) * static_cast<float>(i) / kSteps);
    widest = std::max(widest, profile.w[static_cast<size_t>(i)]);
  }
  const float half = (bottom - top) / 2, step = (bottom - top) / kSteps;
  return {0, top + half, std::sqrt(half * half + widest * widest), [=](float x, float y, Hit& hit) {
            const float at = (y - top) / step;
            if (at < 0 || at >= kSteps) return false;
            const auto i = static_cast<size_t>(at);
            const float w = Mix(profile.w[i], profile.w[i + 1], at - static_cast<float>(i));
            const float u = x / std::max(w, 1e-4f);
            if (u * u > 1) return false;
            const float z = std::sqrt(1 - u * u);
            // x^2 + z^2 = w(y)^2: the gradient is (x, -w w', z).
            const float slope = (profile.w[i + 1] - profile.w[i]) / step;
            hit.normal = {u, -slope, z};
            paint(u, y, z, hit);
            return true;
          }};
}

Part Stick(float ax, float ay, float bx, float by, float wa, float wb, Color color) {
  const float dx = bx - ax, dy = by - ay, length2 = dx * dx + dy * dy, length = std::sqrt(length2);
  return {(ax + bx) / 2, (ay + by) / 2, length / 2 + std::max(wa, wb), [=](float x, float y, Hit& hit) {
            const float t = Saturate(((x - ax) * dx + (y - ay) * dy) / length2), w = Mix(wa, wb, t);
            const float ex = x - ax - t * dx, ey = y - ay - t * dy, d2 = ex * ex + ey * ey;
            if (d2 > w * w) return false;
            hit.normal = {ex / w, ey / w, std::sqrt(1 - d2 / (w * w))};
            hit.color = color;
            return true;
          }};
}

Part Leaf(float x, float y, float angle, float length, float width, Color color) {
  const float dx = Cos(angle), dy = Sin(angle);
  return {x + dx * length / 2, y + dy * length / 2, length / 2 + width, [=](float px, float py, Hit& hit) {
            const float s = ((px - x) * dx + (py - y) * dy) / length, side = (px - x) * -dy + (py - y) * dx;
            if (s < 0 || s > 1) return false;
            const float w = width * 4 * s * (1 - s) * (1.25f - 0.5f * s);
            if (side > w || side < -w) return false;
            const float fold = side > 0 ? 0.45f : -0.45f;
            hit.normal = {-dy * fold, dx * fold, 1};
            const float vein = Bump(side / (0.06f * length)) * 0.5f +
                               0.2f * Bump(Sin((s * 9 + std::fabs(side) / length * 14) * kPi) * 2.5f);
            hit.color = Mix(color, color * 1.5f + Color{0.08f, 0.1f, 0.02f}, vein);
            hit.gloss = 0.12f;
            return true;
          }};
}

Part Disc(float x, float y, float radius, float squeeze, const Paint& paint) {
  return {x, y, radius, [=](float px, float py, Hit& hit) {
            const float u = (px - x) / (radius * squeeze), v = (py - y) / radius, d = std::sqrt(u * u + v * v);
            if (d > 1) return false;
            hit.normal = {0.12f * u, 0.12f * v, 1};
            paint(u, v, d, hit);
            return true;
          }};
}

}  // namespace bakeoff::data::draw
