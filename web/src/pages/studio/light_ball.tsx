import { useEffect, useRef } from "react";
import { type Angles, colourOf, paintBall, placeOf, anglesAt } from "./light";
import { clamp, usePad } from "./use_pad";
import style from "./light_ball.module.css";

interface LightBallProps {
  angles: Angles;
  reset: Angles; // what Home goes back to
  intensity: number;
  ambient: number;
  temperature: number | null; // null: as the picture's own
  onChange: (angles: Angles) => void;
}

const kSide = 176; // px, and half of the canvas's own
const kStep = 5;   // degrees
const kDaylight = 6500;

const turned = (azimuth: number) => ((((azimuth + 180) % 360) + 360) % 360) - 180;

// A ball that is lit as the subject will be. One drags the light around it, or behind it outside of the ball.
export function LightBall({ angles, reset, intensity, ambient, temperature, onChange }: LightBallProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { azimuth, elevation } = angles;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    const light = { azimuth, elevation, intensity, ambient, colour: colourOf(temperature ?? kDaylight) };
    if (context) paintBall(context, light);
  }, [azimuth, elevation, intensity, ambient, temperature]);
  const pad = usePad({
    onDrag: ({ x, y }) => onChange(anglesAt(x, y)),
    onNudge: ({ x, y }) => onChange({
      azimuth: turned(azimuth + x * kStep), elevation: clamp(elevation + y * kStep, -90, 90),
    }),
    onReset: () => onChange(reset),
  });
  const { x, y } = placeOf(angles);
  const isBehind = Math.abs(azimuth) > 90;
  return (
    <div className={style.frame}>
      <div {...pad} className={style.pad} role="slider" tabIndex={0} aria-label="Where light comes from"
        aria-valuemin={-180} aria-valuemax={180} aria-valuenow={azimuth} aria-describedby="light-ball-keys"
        aria-valuetext={`${azimuth}° around, ${elevation}° high${isBehind ? ", from behind" : ""}`}>
        <canvas ref={canvas} width={kSide * 2} height={kSide * 2} />
        <span className={isBehind ? `${style.lamp} ${style.behind}` : style.lamp}
          style={{ left: `${(x + 1) * 50}%`, top: `${(y + 1) * 50}%` }} />
      </div>
      <p id="light-ball-keys" className={style.keys}>
        Drag the light, or use the arrows. Outside of the ball it stands behind.
      </p>
    </div>
  );
}
