// Draws the pictures that the documentation shows the console with: landscapes and still lifes by seeded numbers, so
// that they are ours and the same each time. Runs in a page; see screenshots.mjs.

// Mulberry32: small, and good enough for hills.
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const mix = (from, to, share) => from.map((one, at) => one + (to[at] - one) * share);
const css = (colour, alpha = 1) => `rgba(${colour.map(Math.round).join(",")},${alpha})`;

// Heights of a ridge, rough in the small and broad in the large (midpoint displacement).
function ridge(random, steps, roughness) {
  const heights = new Float32Array(steps + 1);
  heights[0] = random();
  heights[steps] = random();
  for (let span = steps, range = 1; span > 1; span /= 2, range *= roughness) {
    for (let at = span / 2; at < steps; at += span) {
      heights[at] = (heights[at - span / 2] + heights[at + span / 2]) / 2 + (random() - 0.5) * range;
    }
  }
  return heights;
}

function sky(context, { width, height }, colours, horizon) {
  const gradient = context.createLinearGradient(0, 0, 0, height * horizon);
  colours.forEach((colour, at) => gradient.addColorStop(at / (colours.length - 1), css(colour)));
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
}

function glow(context, x, y, radius, colour, strength) {
  const gradient = context.createRadialGradient(x, y, 0, x, y, radius);
  gradient.addColorStop(0, css(colour, strength));
  gradient.addColorStop(0.15, css(colour, strength * 0.45));
  gradient.addColorStop(1, css(colour, 0));
  context.fillStyle = gradient;
  context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
}

function disc(context, x, y, radius, colour) {
  context.fillStyle = css(colour);
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.fill();
}

function clouds(context, { width, height }, random, colour, from, to, count) {
  for (let at = 0; at < count; ++at) {
    const x = random() * width, y = height * (from + (to - from) * random()), long = width * (0.06 + 0.16 * random());
    for (let puff = 0; puff < 26; ++puff) {
      const radius = long * (0.08 + 0.16 * random());
      const px = x + (random() - 0.5) * 2 * long, py = y + (random() - 0.5) * long * 0.16;
      const gradient = context.createRadialGradient(px, py, 0, px, py, radius);
      gradient.addColorStop(0, css(colour, 0.11));
      gradient.addColorStop(1, css(colour, 0));
      context.fillStyle = gradient;
      context.save();
      context.translate(0, py * 0.65);
      context.scale(1, 0.35);
      context.translate(0, -py * 0.65 + py * (1 / 0.35 - 1) * 0.35);
      context.fillRect(px - radius, py - radius, 2 * radius, 2 * radius);
      context.restore();
    }
  }
}

function hills(context, { width, height }, random, { near, far, from, to, layers, roughness = 0.52, tall = 0.22 }) {
  for (let layer = 0; layer < layers; ++layer) {
    const share = layer / Math.max(1, layers - 1);
    const heights = ridge(random, 512, roughness + 0.03 * share);
    const base = height * (from + (to - from) * share), rise = height * tall * (1 - 0.45 * share);
    const colour = mix(far, near, share ** 1.2);
    const gradient = context.createLinearGradient(0, base - rise, 0, base + height * 0.3);
    gradient.addColorStop(0, css(colour));
    gradient.addColorStop(1, css(mix(colour, far, 0.45)));
    context.fillStyle = gradient;
    context.beginPath();
    context.moveTo(0, height);
    heights.forEach((one, at) => context.lineTo((at / 512) * width, base - one * rise));
    context.lineTo(width, height);
    context.fill();
  }
}

// What is above the line, mirrored below it, torn by small waves.
function water(context, { width, height }, random, line, tint) {
  const top = Math.round(height * line);
  const above = context.canvas.ownerDocument.createElement("canvas");
  above.width = width;
  above.height = top;
  above.getContext("2d").drawImage(context.canvas, 0, 0, width, top, 0, 0, width, top);
  for (let y = top; y < height; ++y) {
    const depth = (y - top) / (height - top);
    const from = Math.max(0, top - 1 - (y - top) * 1.05 - (random() - 0.5) * 10 * depth);
    context.drawImage(above, 0, from, width, 1, Math.sin(y * 0.9) * (1 + 9 * depth) * (0.4 + random()), y, width, 1);
  }
  const gradient = context.createLinearGradient(0, top, 0, height);
  gradient.addColorStop(0, css(tint, 0.15));
  gradient.addColorStop(1, css(tint, 0.72));
  context.fillStyle = gradient;
  context.fillRect(0, top, width, height - top);
  context.fillStyle = css([255, 255, 255], 0.1);
  for (let at = 0; at < 500; ++at) {
    const depth = random() ** 1.6;
    context.fillRect(random() * width, top + depth * (height - top), width * (0.004 + 0.02 * random() * depth), 1 + depth);
  }
}

function stars(context, { width, height }, random, count) {
  for (let at = 0; at < count; ++at) {
    context.fillStyle = `rgba(255,250,${225 + 30 * random()},${0.15 + 0.8 * random() ** 3})`;
    const size = 0.5 + 1.3 * random() ** 4;
    context.beginPath();
    context.arc(random() * width, random() ** 1.4 * height, size, 0, 7);
    context.fill();
  }
}

function pine(context, x, y, tall, colour, random) {
  context.fillStyle = css(colour);
  context.fillRect(x - tall * 0.012, y - tall * 0.16, tall * 0.024, tall * 0.16);
  for (let tier = 0; tier < 11; ++tier) {
    const at = y - tall * (0.08 + 0.084 * tier), wide = tall * 0.2 * (1 - tier / 11.5) * (0.85 + 0.3 * random());
    context.beginPath();
    context.moveTo(x, at - tall * 0.13);
    context.quadraticCurveTo(x + wide * 0.4, at - tall * 0.02, x + wide, at + tall * 0.02 * random());
    context.quadraticCurveTo(x, at - tall * 0.025, x - wide, at + tall * 0.02 * random());
    context.quadraticCurveTo(x - wide * 0.4, at - tall * 0.02, x, at - tall * 0.13);
    context.fill();
  }
}

const palettes = {
  dawn: { sky: [[62, 84, 128], [158, 150, 176], [244, 190, 160], [255, 224, 178]], far: [196, 172, 182], near: [44, 50, 72], sun: [255, 244, 214] },
  noon: { sky: [[64, 122, 186], [140, 186, 222], [216, 232, 238]], far: [168, 192, 208], near: [42, 74, 58], sun: [255, 255, 248] },
  dusk: { sky: [[34, 30, 66], [112, 58, 96], [226, 110, 82], [255, 186, 106]], far: [150, 84, 98], near: [22, 18, 34], sun: [255, 214, 140] },
  night: { sky: [[8, 12, 28], [16, 28, 56], [42, 62, 98]], far: [42, 60, 92], near: [6, 9, 18], sun: [238, 240, 232] },
  autumn: { sky: [[142, 164, 178], [204, 206, 196], [240, 222, 186]], far: [188, 160, 130], near: [92, 42, 20], sun: [255, 240, 206] },
};

const kinds = {
  mountains(context, size, random, palette) {
    sky(context, size, palette.sky, 0.7);
    const x = size.width * (0.2 + 0.6 * random()), y = size.height * (0.26 + 0.14 * random());
    glow(context, x, y, size.width * 0.5, palette.sun, 0.75);
    disc(context, x, y, size.height * 0.035, palette.sun);
    clouds(context, size, random, palette.sun, 0.08, 0.34, 7);
    hills(context, size, random, { ...palette, from: 0.52, to: 0.98, layers: 6 });
  },
  lake(context, size, random, palette) {
    kinds.mountains(context, size, random, { ...palette });
    sky(context, size, palette.sky, 0.6);
    const x = size.width * (0.3 + 0.4 * random());
    glow(context, x, size.height * 0.4, size.width * 0.45, palette.sun, 0.8);
    disc(context, x, size.height * 0.36, size.height * 0.032, palette.sun);
    clouds(context, size, random, palette.sun, 0.06, 0.3, 6);
    hills(context, size, random, { ...palette, from: 0.46, to: 0.6, layers: 4, tall: 0.24 });
    water(context, size, random, 0.6, palette.near);
  },
  sea(context, size, random, palette) {
    sky(context, size, palette.sky, 0.58);
    const x = size.width * (0.35 + 0.3 * random());
    glow(context, x, size.height * 0.5, size.width * 0.6, palette.sun, 0.9);
    disc(context, x, size.height * 0.49, size.height * 0.05, palette.sun);
    clouds(context, size, random, mix(palette.sun, palette.far, 0.3), 0.1, 0.44, 11);
    water(context, size, random, 0.56, mix(palette.near, palette.far, 0.25));
    for (let at = 0; at < 260; ++at) {
      const depth = random() ** 1.2;
      context.fillStyle = css(palette.sun, 0.35 * (1 - depth) + 0.06);
      const wide = size.width * (0.01 + 0.03 * depth * random());
      context.fillRect(x + (random() - 0.5) * size.width * (0.05 + 0.22 * depth) - wide / 2, size.height * (0.565 + 0.42 * depth), wide, 1 + 2 * depth);
    }
  },
  forest(context, size, random, palette) {
    sky(context, size, palette.sky, 0.9);
    glow(context, size.width * random(), size.height * 0.3, size.width * 0.7, palette.sun, 0.7);
    for (let layer = 0; layer < 6; ++layer) {
      const share = layer / 5, colour = mix(palette.far, palette.near, share ** 1.3);
      const heights = ridge(random, 64, 0.5);
      for (let at = 0; at < 70 - 9 * layer; ++at) {
        const where = random(), ground = size.height * (0.55 + 0.5 * share) - heights[Math.floor(where * 64)] * size.height * 0.12;
        pine(context, where * size.width, ground, size.height * (0.16 + 0.3 * share) * (0.7 + 0.6 * random()), colour, random);
      }
      const mist = context.createLinearGradient(0, size.height * (0.4 + 0.5 * share), 0, size.height);
      mist.addColorStop(0, css(palette.far, 0));
      mist.addColorStop(1, css(palette.far, 0.5 * (1 - share)));
      context.fillStyle = mist;
      context.fillRect(0, 0, size.width, size.height);
    }
  },
  dunes(context, size, random, palette) {
    sky(context, size, palette.sky, 0.55);
    glow(context, size.width * 0.75, size.height * 0.25, size.width * 0.4, palette.sun, 0.7);
    disc(context, size.width * 0.75, size.height * 0.25, size.height * 0.04, palette.sun);
    for (let dune = 0; dune < 5; ++dune) {
      const base = size.height * (0.5 + 0.13 * dune), top = size.width * (0.15 + 0.7 * random()), rise = size.height * (0.1 + 0.12 * random());
      const sand = mix([232, 178, 120], [168, 92, 52], dune / 5), shade = mix(sand, [52, 22, 30], 0.62);
      for (const [side, colour] of [[1, sand], [-1, shade]]) {
        context.fillStyle = css(colour);
        context.beginPath();
        context.moveTo(top, base - rise);
        context.bezierCurveTo(top + side * size.width * 0.3, base - rise * 0.6, top + side * size.width * 0.5, base, top + side * size.width * 1.1, base + size.height * 0.04);
        context.lineTo(top + side * size.width * 1.1, size.height);
        context.lineTo(top - size.width * 0.1, size.height);
        context.bezierCurveTo(top - size.width * 0.12, base + rise, top + size.width * 0.07, base, top, base - rise);
        context.fill();
      }
    }
  },
  town(context, size, random, palette) {
    sky(context, size, palette.sky, 0.75);
    stars(context, { width: size.width, height: size.height * 0.5 }, random, 160);
    for (let layer = 0; layer < 4; ++layer) {
      const share = layer / 3, colour = mix(palette.far, palette.near, share);
      for (let x = -20; x < size.width; ) {
        const wide = size.width * (0.025 + 0.05 * random()), tall = size.height * (0.12 + (0.4 - 0.22 * share) * random());
        const ground = size.height * (0.62 + 0.14 * share);
        context.fillStyle = css(colour);
        context.fillRect(x, ground - tall, wide, size.height);
        const pane = size.width * 0.0042;
        for (let row = ground - tall + pane * 2; row < ground + size.height * 0.2; row += pane * 2.7) {
          for (let column = x + pane; column < x + wide - pane * 1.6; column += pane * 2.2) {
            if (random() > 0.3) continue;
            context.fillStyle = css([255, 206 + 40 * random(), 130 + 60 * random()], 0.3 + 0.6 * share * random());
            context.fillRect(column, row, pane, pane * 1.4);
          }
        }
        x += wide + (random() < 0.2 ? wide * 0.4 : 0);
      }
    }
    water(context, size, random, 0.8, palette.near);
  },
  fruit(context, size, random) {
    const wall = context.createLinearGradient(0, 0, size.width, size.height * 0.7);
    wall.addColorStop(0, "#3b4249");
    wall.addColorStop(1, "#191b1f");
    context.fillStyle = wall;
    context.fillRect(0, 0, size.width, size.height);
    const table = context.createLinearGradient(0, size.height * 0.62, 0, size.height);
    table.addColorStop(0, "#7a5534");
    table.addColorStop(1, "#2e1d10");
    context.fillStyle = table;
    context.fillRect(0, size.height * 0.62, size.width, size.height);
    for (let grain = 0; grain < 240; ++grain) {
      context.fillStyle = `rgba(20,8,0,${0.05 + 0.08 * random()})`;
      context.fillRect(0, size.height * (0.62 + 0.38 * random()), size.width, 1 + random());
    }
    const skins = [[196, 44, 32], [226, 150, 38], [146, 168, 52], [232, 196, 64], [120, 24, 48]];
    for (let at = 0; at < 8; ++at) {
      const radius = size.height * (0.085 + 0.05 * random()), x = size.width * (0.18 + 0.092 * at + 0.02 * random());
      const y = size.height * (0.64 + 0.14 * random()) , skin = skins[Math.floor(random() * skins.length)];
      context.save();
      context.translate(x + radius * 0.5, y + radius * 0.95);
      context.scale(1.5, 0.26);
      glow(context, 0, 0, radius * 1.3, [0, 0, 0], 0.9);
      context.restore();
      const ball = context.createRadialGradient(x - radius * 0.4, y - radius * 0.45, radius * 0.05, x, y, radius);
      ball.addColorStop(0, css(mix(skin, [255, 250, 235], 0.75)));
      ball.addColorStop(0.22, css(mix(skin, [255, 240, 210], 0.18)));
      ball.addColorStop(0.75, css(mix(skin, [20, 8, 6], 0.42)));
      ball.addColorStop(1, css(mix(skin, [8, 4, 4], 0.82)));
      context.fillStyle = ball;
      context.beginPath();
      context.arc(x, y, radius, 0, 7);
      context.fill();
      context.strokeStyle = "#2a1c0e";
      context.lineWidth = radius * 0.06;
      context.beginPath();
      context.moveTo(x, y - radius * 0.9);
      context.quadraticCurveTo(x + radius * 0.05, y - radius * 1.15, x + radius * 0.2, y - radius * 1.25);
      context.stroke();
    }
  },
  meadow(context, size, random, palette) {
    sky(context, size, palette.sky, 0.5);
    clouds(context, size, random, [255, 255, 255], 0.05, 0.32, 10);
    hills(context, size, random, { far: palette.far, near: mix(palette.near, [90, 130, 60], 0.5), from: 0.42, to: 0.54, layers: 3, tall: 0.1 });
    const grass = context.createLinearGradient(0, size.height * 0.46, 0, size.height);
    grass.addColorStop(0, "#8fa558");
    grass.addColorStop(1, "#28401c");
    context.fillStyle = grass;
    context.fillRect(0, size.height * 0.5, size.width, size.height);
    const petals = [[206, 38, 34], [232, 84, 46], [240, 202, 80], [126, 88, 176]][Math.floor(random() * 4)];
    const blossoms = Array.from({ length: 900 }, () => random() ** 0.6).sort((a, b) => a - b);
    for (const depth of blossoms) {
      const x = random() * size.width, y = size.height * (0.5 + 0.5 * depth), radius = size.height * (0.002 + 0.014 * depth * depth);
      context.strokeStyle = css(mix([120, 150, 70], [30, 56, 22], depth), 0.8);
      context.lineWidth = radius * 0.25;
      context.beginPath();
      context.moveTo(x, y);
      context.quadraticCurveTo(x + radius, y + radius * 3, x + radius * 0.4, y + radius * 6);
      context.stroke();
      for (let petal = 0; petal < 5; ++petal) {
        const angle = petal * 1.257 + depth * 9;
        disc(context, x + Math.cos(angle) * radius * 0.6, y + Math.sin(angle) * radius * 0.45, radius * 0.62, mix(petals, [30, 6, 10], 0.3 * random()));
      }
      disc(context, x, y, radius * 0.3, [38, 22, 20]);
    }
  },
};

// Grain and a little shade in the corners, as film has them.
function develop(context, { width, height }, random) {
  const shade = context.createRadialGradient(width / 2, height / 2, Math.min(width, height) * 0.4, width / 2, height / 2, Math.hypot(width, height) * 0.55);
  shade.addColorStop(0, "rgba(0,0,0,0)");
  shade.addColorStop(1, "rgba(0,0,0,0.32)");
  context.fillStyle = shade;
  context.fillRect(0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  for (let at = 0; at < pixels.data.length; at += 4) {
    const grain = (random() + random() - 1) * 13;
    for (let channel = 0; channel < 3; ++channel) pixels.data[at + channel] += grain;
  }
  context.putImageData(pixels, 0, 0);
}

const order = [
  ["lake", "dawn", 1600, 1067], ["fruit", "dusk", 1600, 1200], ["forest", "noon", 1067, 1600], ["sea", "dusk", 1600, 900],
  ["meadow", "noon", 1600, 1067], ["mountains", "dusk", 1600, 1067], ["town", "night", 1600, 1067], ["dunes", "noon", 1200, 1600],
  ["mountains", "autumn", 1600, 1000], ["sea", "dawn", 1600, 1067], ["forest", "dawn", 1600, 1067], ["lake", "dusk", 1600, 900],
  ["meadow", "dawn", 1200, 1200], ["dunes", "dusk", 1600, 1067], ["town", "dusk", 1067, 1600], ["mountains", "night", 1600, 1067],
  ["fruit", "dusk", 1200, 1200], ["lake", "autumn", 1600, 1067], ["sea", "noon", 1067, 1600], ["mountains", "dawn", 1600, 900],
  ["forest", "autumn", 1600, 1200], ["meadow", "autumn", 1600, 1067], ["lake", "night", 1600, 1067], ["dunes", "dawn", 1600, 1000],
];

// The picture of that number as a data URL of a JPEG, and a name for it.
export function scene(number) {
  const [kind, palette, width, height] = order[number % order.length];
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const random = seeded(number * 7919 + 17);
  kinds[kind](context, { width, height }, random, palettes[palette]);
  develop(context, { width, height }, random);
  return { url: canvas.toDataURL("image/jpeg", 0.93), name: `${kind}-${palette}.jpg` };
}

export const sceneCount = order.length;
