"""The MioConnect contract 1.0 as pure decisions: `signature`, `payload` (strict JSON, envelope) and `readings`."""
