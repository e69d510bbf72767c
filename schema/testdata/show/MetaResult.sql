CREATE TABLE `__meta_result` (
  `id` int(11) NOT NULL COMMENT 'source id',
  `value` double NOT NULL COMMENT ':float64:',
  `_job_start_time` datetime(3) DEFAULT NULL,
  `_job_duration` float DEFAULT NULL,
  `_job_version` varchar(64) DEFAULT '',
  PRIMARY KEY (`id`),
  CONSTRAINT `__meta_result_ibfk_1` FOREIGN KEY (`id`) REFERENCES `source` (`id`) ON UPDATE CASCADE
) ENGINE=InnoDB COMMENT='with job metadata'
