// A camera and a microphone that a test can recognise at the other end of a call: the picture
// carries the counter strip of kiosk/engine/synthetic.py, the sound is an 880 Hz tone.
(() => {
  if (!navigator.mediaDevices) return; // about:blank is no secure context
  const WIDTH = 320, HEIGHT = 180, FPS = 10, CELLS = 24, TONE_HZ = 880;
  const cell = WIDTH / CELLS;

  function drawCounter(context, counter) {
    const nibbles = [12, 8, 4, 0].map((shift) => (counter >> shift) & 15);
    const check = nibbles.reduce((one, other) => one ^ other, 0);
    const bits = [1, 0, 1, 0];
    for (let bit = 15; bit >= 0; bit -= 1) bits.push((counter >> bit) & 1);
    for (let bit = 3; bit >= 0; bit -= 1) bits.push((check >> bit) & 1);
    bits.forEach((bit, at) => {
      context.fillStyle = bit ? "#fff" : "#000";
      context.fillRect(Math.round(at * cell), 0, Math.ceil(cell), Math.round(cell));
    });
  }

  function face(context, counter) {
    context.fillStyle = "#5b6b73";
    context.fillRect(0, 0, WIDTH, HEIGHT);
    context.fillStyle = "#e7b797";
    context.beginPath();
    context.ellipse(160, 105, 44, 58, 0, 0, 7);
    context.fill();
    context.fillStyle = "#5a1520";
    context.beginPath();
    context.ellipse(160, 132, 14, 3 + 5 * Math.abs(Math.sin(counter / 3)), 0, 0, 7);
    context.fill();
    drawCounter(context, counter);
  }

  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const tracks = [];
    if (wanted.video) {
      const canvas = document.createElement("canvas");
      canvas.width = WIDTH;
      canvas.height = HEIGHT;
      const context = canvas.getContext("2d");
      let counter = 0;
      face(context, counter);
      setInterval(() => face(context, (counter = (counter + 1) & 0xffff)), 1000 / FPS);
      tracks.push(...canvas.captureStream(FPS).getVideoTracks());
    }
    if (wanted.audio) {
      const audio = new AudioContext({ sampleRate: 48000 });
      void audio.resume(); // without a sound card Firefox never settles it, and plays all the same
      const tone = audio.createOscillator();
      tone.frequency.value = TONE_HZ;
      const level = audio.createGain();
      level.gain.value = 0.4;
      const out = audio.createMediaStreamDestination();
      tone.connect(level).connect(out);
      tone.start();
      tracks.push(...out.stream.getAudioTracks());
    }
    return new MediaStream(tracks);
  };

  // What the page shows of the other party: its luma, for the test to read the counter from.
  window.remoteLuma = (testid = "remote-video") => {
    const video = find(document, testid);
    if (!video || !video.videoWidth) return null;
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = Math.ceil(video.videoWidth / CELLS);
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const row = Math.floor(canvas.height / 2);
    const cells = [];
    for (let at = 0; at < CELLS; at += 1) {
      const column = Math.floor((at + 0.5) * (canvas.width / CELLS));
      cells.push(data[(row * canvas.width + column) * 4 + 1]);
    }
    return cells;
  };

  // The strongest frequency of what the other party says, in Hz; 0 in silence.
  window.remoteTone = async (testid = "remote-video") => {
    const video = find(document, testid);
    if (!video?.srcObject?.getAudioTracks().length) return 0;
    const audio = new AudioContext();
    void audio.resume();
    const analyser = audio.createAnalyser();
    analyser.fftSize = 8192;
    audio.createMediaStreamSource(video.srcObject).connect(analyser);
    const bins = new Float32Array(analyser.frequencyBinCount);
    let best = { level: -70, hz: 0 };
    for (let look = 0; look < 12; look += 1) {
      await new Promise((done) => setTimeout(done, 100));
      analyser.getFloatFrequencyData(bins);
      bins.forEach((level, at) => {
        if (level > best.level) best = { level, hz: (at * audio.sampleRate) / analyser.fftSize };
      });
    }
    await audio.close();
    return best.hz;
  };

  function find(root, testid) {
    for (const element of root.querySelectorAll("*")) {
      if (element.dataset?.testid === testid) {
        return element instanceof HTMLVideoElement ? element : element.querySelector("video") ?? find(element.shadowRoot ?? element, testid);
      }
      if (element.shadowRoot) {
        const found = find(element.shadowRoot, testid);
        if (found) return found;
      }
    }
    return null;
  }
})();
