// A short, quiet tone when an answer comes and nobody looks. Loaded by those who
// have switched it on.

/** Of ten tabs only one makes itself heard: whichever has the lock. */
export async function ring(): Promise<void> {
  const locks = navigator.locks;
  if (!locks) return tone();
  await locks.request("deskbell.sound", { ifAvailable: true }, async (lock) => {
    if (lock) await tone();
  });
}

function tone(): Promise<void> {
  return new Promise((resolve) => {
    const audio = new AudioContext();
    const volume = audio.createGain();
    const sound = audio.createOscillator();
    sound.frequency.value = 740;
    volume.gain.setValueAtTime(0.08, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.4);
    sound.connect(volume).connect(audio.destination);
    sound.onended = () => {
      void audio.close();
      resolve();
    };
    sound.start();
    sound.stop(audio.currentTime + 0.4);
  });
}
