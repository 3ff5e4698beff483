// Owns one small time plot. Its height never changes, so that nothing below it moves while data streams in.
import { type ReactElement, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Series {
  readonly title: string;
  /** A custom property of the style sheet. */
  readonly colour: '--series-1' | '--series-2' | '--series-3';
  readonly values: readonly (number | null)[];
}

interface PlotProps {
  readonly label: string;
  /** Seconds since the beginning. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
}

const heightPx = 190;
/** Steps of the upright axis, so that its words need one digit behind the point at most. */
const steps = [-1, 0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));
/** A second line is dashed: it is told from the first without its colour, and lets it through where both are the same. */
const dash = [7, 5];

export function Plot({ label, times, series, format }: PlotProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ times, series, format });
  latest.current = { times, series, format };
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const make = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(element, latest.current), dataOf(latest.current), element);
    };
    make();
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: heightPx }));
    observer.observe(element);
    addEventListener('snaps-theme', make);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', make);
    return () => {
      observer.disconnect();
      removeEventListener('snaps-theme', make);
      scheme.removeEventListener('change', make);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => {
    plot.current?.setData(dataOf({ times, series }));
  }, [times, series]);
  const words = series.map(({ title, values }) => {
    const known = values.filter((value) => value !== null);
    return `${title}: ${format(known.at(-1) ?? 0)} last, ${format(Math.max(0, ...known))} at most`;
  });
  return (
    <figure className="plot">
      <figcaption className="plot-head">
        <span className="plot-title">{label}</span>
        <span className="plot-legend">
          {series.map(({ title, colour }) => (
            <span key={title} className={`plot-key plot-key${colour}`}>
              {title}
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={place} className="plot-place" role="img" aria-label={`${label}. ${words.join('; ')}`} />
    </figure>
  );
}

type PlotData = Pick<PlotProps, 'times' | 'series'>;

function dataOf({ times, series }: PlotData): uPlot.AlignedData {
  return [[...times], ...series.map(({ values }) => [...values])] as uPlot.AlignedData;
}

function optionsOf(element: HTMLElement, { series, format }: PlotData & Pick<PlotProps, 'format'>): uPlot.Options {
  const style = getComputedStyle(element);
  // A canvas knows no custom properties and no light-dark(): the colour is read from an element that uses it.
  const colourOf = (name: string): string => {
    const probe = document.createElement('span');
    probe.style.color = `var(${name})`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
  const axis = { stroke: colourOf('--ink-muted'), font: `12px ${style.fontFamily}` };
  const grid = { stroke: colourOf('--line'), width: 1 };
  return {
    width: element.clientWidth,
    height: heightPx,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: {
      x: { time: false, range: (_plot, _min, max) => [0, Math.max(0.001, max ?? 1)] },
      y: { range: (_plot, _min, max) => [0, Math.max(1, (max ?? 0) * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid,
        ticks: { show: false },
        size: 30,
        values: (_plot, values) => values.map((value) => `${value} s`),
      },
      {
        ...axis,
        grid,
        ticks: { show: false },
        size: 64,
        incrs: steps,
        values: (_plot, values) => values.map((value) => format(value)),
      },
    ],
    series: [
      {},
      ...series.map(({ title, colour }, at) => ({
        label: title,
        stroke: colourOf(colour),
        width: 2,
        ...(at === 0 ? {} : { dash }),
        points: { show: false },
        spanGaps: true,
      })),
    ],
  };
}
