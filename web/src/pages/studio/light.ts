// Where light comes from, on a flat pad: the middle of it is behind the camera, the ball's rim beside the subject, and
// what lies between the rim and the pad's edge is behind the subject.

export const kBallShare = 0.66; // of the pad's radius
const kRadians = Math.PI / 180;

export interface Angles { azimuth: number; elevation: number }
type Direction = [x: number, y: number, z: number]; // to the right, up, to the camera

export function directionOf({ azimuth, elevation }: Angles): Direction {
  const across = Math.cos(elevation * kRadians);
  return [across * Math.sin(azimuth * kRadians), Math.sin(elevation * kRadians), across * Math.cos(azimuth * kRadians)];
}

// In shares of the pad's radius, y down.
export function placeOf(angles: Angles): { x: number; y: number } {
  const [x, y, z] = directionOf(angles);
  const off = Math.hypot(x, y);
  const radius = z >= 0 ? off * kBallShare : kBallShare + (1 - kBallShare) * (1 - off);
  return off < 1e-9 ? { x: 0, y: z >= 0 ? 0 : -1 } : { x: (x / off) * radius, y: (-y / off) * radius };
}

export function anglesAt(x: number, y: number): Angles {
  const radius = Math.min(1, Math.hypot(x, y));
  const isBehind = radius > kBallShare;
  const off = isBehind ? 1 - (radius - kBallShare) / (1 - kBallShare) : radius / kBallShare;
  const length = Math.hypot(x, y) || 1;
  const [right, up] = [(x / length) * off, (-y / length) * off];
  const forward = Math.sqrt(Math.max(0, 1 - off * off)) * (isBehind ? -1 : 1);
  return {
    azimuth: Math.round(Math.atan2(right, forward) / kRadians),
    elevation: Math.round(Math.asin(Math.max(-1, Math.min(1, up))) / kRadians),
  };
}

// The colour of a black body, as screens show it (Tanner Helland's fit), 0 to 255.
export function colourOf(kelvins: number): [red: number, green: number, blue: number] {
  const t = kelvins / 100;
  const within = (value: number) => Math.round(Math.max(0, Math.min(255, value)));
  const red = t <= 66 ? 255 : 329.698727446 * (t - 60) ** -0.1332047592;
  const green = t <= 66 ? 99.4708025861 * Math.log(t) - 161.1195681661 : 288.1221695283 * (t - 60) ** -0.0755148492;
  const blue = t >= 66 ? 255 : t <= 19 ? 0 : 138.5177312231 * Math.log(t - 10) - 305.0447927307;
  return [within(red), within(green), within(blue)];
}

interface Lamp extends Angles { intensity: number; ambient: number; colour: [number, number, number] }

// A matt ball under that light, in the middle of the canvas.
export function paintBall(context: CanvasRenderingContext2D, { intensity, ambient, colour, ...angles }: Lamp): void {
  const side = context.canvas.width;
  const [radius, middle] = [(side / 2) * kBallShare, side / 2];
  const light = directionOf(angles);
  const picture = context.createImageData(side, side);
  for (let row = 0; row < side; ++row) {
    for (let column = 0; column < side; ++column) {
      const [x, y] = [(column + 0.5 - middle) / radius, (middle - row - 0.5) / radius];
      const inside = x * x + y * y;
      const edge = (1 - Math.sqrt(inside)) * radius + 0.5; // a soft pixel at the rim
      if (edge <= 0) continue;
      const z = Math.sqrt(Math.max(0, 1 - inside));
      const facing = Math.max(0, x * light[0] + y * light[1] + z * light[2]);
      const level =
        Math.sqrt(Math.min(1, intensity * (ambient * 0.55 + (1 - ambient) * facing))); // for the screen's gamma
      const at = (row * side + column) * 4;
      for (let channel = 0; channel < 3; ++channel) picture.data[at + channel] = 18 + level * 0.92 * colour[channel]!;
      picture.data[at + 3] = 255 * Math.min(1, edge);
    }
  }
  context.putImageData(picture, 0, 0);
}
