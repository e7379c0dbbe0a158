"""Every media tool and every picture operation: probing, proxies, stills, waveforms, quality."""
