// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A small renderer: figures of lit parts in front of varied backgrounds, antialiased, with shadow, light, exposure and
// noise.
#pragma once

#include <functional>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "data/draw/exact_math.h"
#include "data/image.h"

namespace bakeoff::data::draw {

struct Vec3 {
  float x = 0, y = 0, z = 0;
};
using Color = Vec3;  // red, green, blue in [0, 1]

inline Vec3 operator+(Vec3 a, Vec3 b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
inline Vec3 operator*(Vec3 a, float s) {
  return {a.x * s, a.y * s, a.z * s};
}
inline Vec3 operator*(Vec3 a, Vec3 b) {
  return {a.x * b.x, a.y * b.y, a.z * b.z};
}
inline float Dot(Vec3 a, Vec3 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Vec3 Mix(Vec3 a, Vec3 b, float t) {
  return {Mix(a.x, b.x, t), Mix(a.y, b.y, t), Mix(a.z, b.z, t)};
}
Vec3 Normal(Vec3 v);
Color FromHsv(float hue, float saturation, float value);  // hue in circles
Color Pick(Dice& dice, std::initializer_list<Color> colors,
           float spread);  // one of them, each channel off by up to `spread`

// What a part shows at a point.
struct Hit {
  Vec3 normal{0, 0, 1};  // towards the viewer is +z, down is +y; need not be of length 1
  Color color;
  float gloss = 0;
};

// True where the part covers the point (in the figure's coordinates: about [-1, 1], y down), filling the hit.
using Surface = std::function<bool(float x, float y, Hit& hit)>;

struct Part {
  float x, y, radius;  // a circle around it, in the figure's coordinates
  Surface surface;
};

// Front to back.
using Figure = std::vector<Part>;

// Parts that several figures are made of.
using Paint = std::function<void(float u, float v, float z, Hit& hit)>;  // u, v, z: the point on the unit ball
Part Ball(float x, float y, float rx, float ry, const Paint& paint);
// A body turned around the y axis: half width w(y) between top and bottom. `v` is y itself.
Part Turned(float top, float bottom, const std::function<float(float y)>& width, const Paint& paint);
// A stem: a round line from a to b whose half widths are wa and wb.
Part Stick(float ax, float ay, float bx, float by, float wa, float wb, Color color);
// A leaf from (x, y) in direction `angle`, with a midrib.
Part Leaf(float x, float y, float angle, float length, float width, Color color);
// A flat disc; the paint gets x, y in units of the radius and z = distance from the centre.
Part Disc(float x, float y, float radius, float squeeze, const Paint& paint);

// Draws one picture of the figures that `make` gives: size, place, turn, background, light, exposure and noise come
// from the dice. `clutter` in [0, 1] says how busy the background may be.
Image Render(Dice& dice, const std::function<Figure(Dice&)>& make, float clutter);

// Backgrounds, in a file of their own. Coordinates in pixels / 100.
std::function<Color(float x, float y)> MakeBackground(Dice& dice, float clutter);

}  // namespace bakeoff::data::draw
