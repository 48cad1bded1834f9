// Runs web/quality.js for the tests: scenarios as JSON in, what it decides as JSON out.
import * as quality from '../../web/quality.js';

let text = '';
for await (const chunk of process.stdin) text += chunk;
const { ladders, watches } = JSON.parse(text);
const { RUNGS, Ladder, PictureWatch, divisor, ...rest } = quality;
const climbed = ladders.map((samples) => {
  const ladder = new Ladder();
  return samples.map(([at, available, loss]) => ladder.take({ at, available, loss }).name);
});
const watched = watches.map((samples) => {
  const watch = new PictureWatch();
  return samples.map(([at, pictures, sounds]) => watch.take({ at, pictures, sounds }));
});
const divided = [[640, 360], [360, 640], [1280, 720], [320, 180], [160, 120]].map((size) =>
  RUNGS.filter((rung) => rung.side > 0).map((rung) => divisor(rung, ...size)),
);
console.log(JSON.stringify({ rungs: RUNGS, numbers: rest, climbed, watched, divided }));
